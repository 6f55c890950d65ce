import { isUnavailable } from '../unavailable.ts'

/** The last of those who wait, by whose turn it is. */
const last = new Map<string, Promise<unknown>>()

/**
 * Runs `work` after all that was handed in before under the same key, in this process. Who would wait for a lock in the
 * database waits here instead, where he holds no connection that others need. Throws what `work` throws, or
 * AppError('unavailable') where that is what came of the one before: each would wait for the same database until his own
 * deadline, one after the other.
 */
export const inTurn = async <T>(key: string, work: () => Promise<T>): Promise<T> => {
  const before = last.get(key) ?? Promise.resolve()
  const own = before.then(work, (error: unknown) => {
    if (isUnavailable(error)) throw error
    return work()
  })
  last.set(key, own)
  try {
    return await own
  } finally {
    if (last.get(key) === own) last.delete(key)
  }
}
