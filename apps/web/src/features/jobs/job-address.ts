import { type JobKind, jobKind, type JobState, jobState, orgId, type OrgId } from '@quarry/contracts'
import { type Added, addedMoments, addedParam, parseAdded } from '../search/added-range.ts'

/** What a list of jobs shows, as its address says it. */
export interface JobPlace {
  readonly state: JobState | 'unfinished' | null
  readonly kind: JobKind | null
  /** Words of the document's path. */
  readonly query: string
  /** When it was asked for. */
  readonly asked: Added
  readonly errorClass: string | null
  /** For who sees the jobs of all workspaces. */
  readonly organisation: OrgId | null
  /** Where the page begins; null: with the newest. */
  readonly cursor: string | null
}

export const EVERY_JOB: JobPlace = {
  state: null,
  kind: null,
  query: '',
  asked: null,
  errorClass: null,
  organisation: null,
  cursor: null,
}

/** Limits of the API (contracts, `listJobsInput` and `pageInput`). */
const MAX_QUERY = 200
const MAX_CLASS = 100
const MAX_CURSOR = 500

const shortText = (param: string | null, longest: number): string | null =>
  param === null || param === '' || param.length > longest ? null : param

/** Reads an address; what it does not understand is left out. */
export const parseJobPlace = (params: Pick<URLSearchParams, 'get'>): JobPlace => {
  const state = params.get('state')
  return {
    state: state === 'unfinished' ? state : (jobState.safeParse(state).data ?? null),
    kind: jobKind.safeParse(params.get('kind')).data ?? null,
    query: (params.get('q') ?? '').slice(0, MAX_QUERY),
    asked: parseAdded(params.get('asked')),
    errorClass: shortText(params.get('reason'), MAX_CLASS),
    organisation: orgId.safeParse(params.get('workspace')).data ?? null,
    cursor: shortText(params.get('from'), MAX_CURSOR),
  }
}

export const jobHref = (path: string, place: JobPlace): string => {
  const params = {
    q: place.query,
    state: place.state,
    kind: place.kind,
    asked: addedParam(place.asked),
    reason: place.errorClass,
    workspace: place.organisation,
    from: place.cursor,
  }
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) if (value !== null && value !== '') search.set(name, value)
  return search.size === 0 ? path : `${path}?${search.toString()}`
}

/** Whether it leaves any job out. Where its page begins is no filter. */
export const isNarrowed = (place: JobPlace): boolean => jobHref('', { ...place, cursor: null }) !== ''

/** The place as the API takes it, without what only one of the two lists knows. */
export const listInputOf = ({ state, kind, asked, errorClass, cursor }: JobPlace, now: Date = new Date()) => {
  const { addedFrom: from, addedBefore: to } = addedMoments(asked, now)
  return { state, kind, errorClass, from, to, cursor }
}
