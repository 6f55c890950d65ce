/**
 * Rejects with `error()` when `work` has not settled after `ms`; what it says later is ignored. The time in which this
 * process itself was too busy to read an answer does not count: once, and as much again at most.
 */
export const withDeadline = <T>(work: Promise<T>, ms: number, error: () => Error): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    const start = performance.now()
    const isOver = () => {
      const lateMs = performance.now() - start - ms
      if (lateMs > ms / 4) timer = setTimeout(giveUp, Math.min(lateMs, ms))
      else giveUp()
    }
    // Timers run before what lies in the socket is read.
    const giveUp = () => setImmediate(() => setImmediate(() => reject(error())))
    let timer = setTimeout(isOver, ms)
    void work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
