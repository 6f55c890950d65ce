import { ERRORS } from '@quarry/contracts'
import type { EndedRequest } from '../entry-port.ts'

/** The code of each status: where several share one, the first, which is the general one. */
const CODES: ReadonlyMap<number, string> = new Map(
  Object.entries(ERRORS)
    .toReversed()
    .map(([code, { http }]) => [http, code]),
)
/** Some calls of a batch went well (RFC 4918, 11.1). */
const MULTI_STATUS = 207

/** How a request went, as one of few words: ok, partly, aborted, or the code of an error. */
export const outcomeOf = ({
  status,
  aborted,
  isStream,
}: Pick<EndedRequest, 'status' | 'aborted' | 'isStream'>): string => {
  // The reader of a stream leaves it when he likes.
  if (aborted && !isStream) return 'aborted'
  if (status === MULTI_STATUS) return 'partly'
  if (status < 400) return 'ok'
  return CODES.get(status) ?? (status < 500 ? 'refused' : 'internal')
}
