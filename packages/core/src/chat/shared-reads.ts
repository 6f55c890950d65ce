/** Less than readers poll by, so that each of their looks is a new one. */
const SHARED_MS = 400

/**
 * Reads that many readers of this process make at about the same time, made once: a read is given to all who ask for its
 * key within 400 ms of its begin. Whatever decides on what may be seen must be part of the key. One that failed is not
 * given again.
 */
export const createSharedReads = <T>(): ((key: string, read: () => Promise<T>) => Promise<T>) => {
  const reads = new Map<string, { readonly result: Promise<T>; readonly since: number }>()
  return (key, read) => {
    const known = reads.get(key)
    if (known !== undefined && performance.now() - known.since < SHARED_MS) return known.result
    const mine = { result: read(), since: performance.now() }
    reads.set(key, mine)
    const forget = () => {
      if (reads.get(key) === mine) reads.delete(key)
    }
    mine.result.then(() => setTimeout(forget, SHARED_MS).unref(), forget)
    return mine.result
  }
}
