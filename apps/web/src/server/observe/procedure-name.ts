import { PROCEDURES } from '@quarry/api'
import type { StartedRequest } from '../entry-port.ts'

/** Paths whose names are remembered; there are not many more batches than that in use. */
const MOST_REMEMBERED = 1_000
const remembered = new Map<string, string>()

export const isStreamed = (name: string): boolean => PROCEDURES.get(name)?.type === 'subscription'

/**
 * What a request is called in metrics, traces and the log: a procedure of the API, `batch` for several, or a fixed name
 * for what is none. Whatever a caller writes into a path, it is one of these.
 */
export const procedureName = ({
  procedures,
  requestClass,
}: Pick<StartedRequest, 'procedures' | 'requestClass'>): string => {
  if (procedures === null) return requestClass === 'static' ? 'asset' : requestClass === 'api' ? 'other' : requestClass
  const known = remembered.get(procedures)
  if (known !== undefined) return known
  const name = nameOf(procedures)
  if (remembered.size >= MOST_REMEMBERED) remembered.clear()
  remembered.set(procedures, name)
  return name
}

const nameOf = (path: string): string => {
  const names = new Set(path.replaceAll(/%2c/gi, ',').split(','))
  const [first = ''] = names
  if (names.size === 1) return PROCEDURES.has(first) ? first : 'other'
  return [...names].every((name) => PROCEDURES.has(name)) ? 'batch' : 'other'
}
