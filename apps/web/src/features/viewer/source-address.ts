import { type Citation, type Span, versionId, type VersionId } from '@quarry/contracts'

/** A place in a document that can be linked to: a version, one of its pages, and the words on it, if any are meant. */
export interface SourcePlace {
  readonly versionId: VersionId
  /** 1-based. */
  readonly ordinal: number
  readonly span: Span | null
  /** The words were not found there when the answer was checked. */
  readonly unverified: boolean
}

interface RawPlace {
  versionId: unknown
  ordinal: unknown
  start?: unknown
  end?: unknown
  unverified?: unknown
}

const integer = (value: unknown): number | null =>
  typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : null

/** Reads a place from the strings of an address; null where it names none. A bad span is left out. */
export const parseSource = (raw: RawPlace): SourcePlace | null => {
  const version = versionId.safeParse(raw.versionId)
  const ordinal = integer(raw.ordinal)
  if (!version.success || ordinal === null || ordinal < 1) return null
  const start = integer(raw.start)
  const end = integer(raw.end)
  const span = start !== null && end !== null && start < end ? { start, end } : null
  return { versionId: version.data, ordinal, span, unverified: raw.unverified === '1' }
}

/** The address of a place as a page of its own. */
export const sourceHref = ({ versionId, ordinal, span, unverified }: SourcePlace): string => {
  const query = new URLSearchParams()
  if (span !== null) {
    query.set('start', String(span.start))
    query.set('end', String(span.end))
  }
  if (unverified) query.set('unverified', '1')
  const search = query.toString()
  return `/documents/${versionId}/${ordinal}${search === '' ? '' : `?${search}`}`
}

/** The same place as one query parameter, for the panel beside a chat. */
export const sourceParam = ({ versionId, ordinal, span, unverified }: SourcePlace): string =>
  [versionId, ordinal, span?.start ?? '', span?.end ?? '', unverified ? 1 : ''].join('.')

export const parseSourceParam = (param: string | null): SourcePlace | null => {
  if (param === null) return null
  const [versionId, ordinal, start, end, unverified] = param.split('.')
  return parseSource({ versionId, ordinal, start, end, unverified })
}

export const citationPlace = (citation: Citation): SourcePlace => ({
  versionId: citation.versionId,
  ordinal: citation.ordinal,
  span: citation.span.start < citation.span.end ? citation.span : null,
  unverified: !citation.verified,
})
