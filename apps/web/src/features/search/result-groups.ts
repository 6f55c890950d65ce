import type { SearchHit } from '@quarry/contracts'
import type { SourcePlace } from '../viewer/source-address.ts'

/** The passages of one document among the results. */
export interface ResultGroup {
  readonly document: SearchHit
  readonly hits: readonly SearchHit[]
}

/** Documents in the order of their best passage, the passages of each in the order found. */
export const groupByDocument = (hits: readonly SearchHit[]): ResultGroup[] => {
  const groups = Map.groupBy(hits, (hit) => hit.documentId)
  return [...groups.values()].flatMap((own) => (own[0] === undefined ? [] : [{ document: own[0], hits: own }]))
}

/** The same passage of the same version, whatever the search was. */
export const hitKey = ({ versionId, ordinal, span }: SearchHit): string =>
  `${versionId}.${ordinal}.${span.start}.${span.end}`

export const hitPlace = ({ versionId, ordinal, span }: SearchHit): SourcePlace => ({
  versionId,
  ordinal,
  span,
  unverified: false,
})

/** Whether a source is the passage, and not another page that was turned to from it. */
export const isOpenAt = (source: SourcePlace | null, hit: SearchHit): boolean =>
  source !== null &&
  source.versionId === hit.versionId &&
  source.ordinal === hit.ordinal &&
  source.span?.start === hit.span.start &&
  source.span.end === hit.span.end
