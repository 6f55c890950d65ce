import type { Logger } from '@quarry/observability'

/** So many failures one after the other are the database's, and not theirs. */
const MOST_IN_A_ROW = 20

/**
 * Does something with each of them, one after the other. One that fails is told, with `failed`, and does not keep the
 * others from it. @throws when `signal` ends it, and the last error where nearly all fail.
 */
export const oneByOne = async <T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
  logger: Pick<Logger, 'warn'>,
  failed: string,
  signal?: AbortSignal,
): Promise<void> => {
  let inARow = 0
  for (const item of items) {
    signal?.throwIfAborted()
    try {
      await work(item)
      inARow = 0
    } catch (err) {
      signal?.throwIfAborted()
      if (++inARow >= MOST_IN_A_ROW) throw err
      logger.warn({ err }, failed)
    }
  }
}
