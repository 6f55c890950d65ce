/**
 * Works through `items` with at most `limit` calls under way; items are asked for only when a place is free, so an
 * endless or expensive source stays bounded. The first error stops the taking of further items and is thrown once the
 * calls under way have ended.
 */
export const forEachConcurrently = async <T>(
  items: AsyncIterable<T> | Iterable<T>,
  limit: number,
  work: (item: T) => Promise<void>,
): Promise<void> => {
  const iterator = Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : items[Symbol.iterator]()
  let failed = false
  const lane = async (): Promise<void> => {
    while (!failed) {
      const next = await iterator.next()
      if (next.done === true) return
      try {
        await work(next.value)
      } catch (error) {
        failed = true
        throw error
      }
    }
  }
  const lanes = await Promise.allSettled(Array.from({ length: limit }, lane))
  const rejected = lanes.find((result) => result.status === 'rejected')
  if (rejected !== undefined) throw rejected.reason
}
