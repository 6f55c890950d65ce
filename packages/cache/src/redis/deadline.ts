/** Rejects with `error()` when `work` has not settled after `ms`; what it says later is ignored. */
export const withDeadline = <T>(work: Promise<T>, ms: number, error: () => Error): Promise<T> =>
  new Promise<T>((resolve, reject) => {
    // When this process was busy for so long, the answer may lie in the socket: timers run before it is read.
    const timer = setTimeout(() => setImmediate(() => setImmediate(() => reject(error()))), ms)
    void work.then(resolve, reject).finally(() => clearTimeout(timer))
  })
