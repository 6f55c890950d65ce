/** What is known of the way to the server. */
export interface Connection {
  /** Whether an error is a loss of connection, after which the upload goes on. */
  isInterruption: (error: unknown) => boolean
  /** Resolves when it is worth trying again after so many failures in a row, of which `error` was the last. */
  recovered: (failures: number, signal: AbortSignal, error: unknown) => Promise<void>
}

/** Repeats a step until it says that it is done. A loss of connection only delays it; any other error ends it. */
export const persist = async (
  { isInterruption, recovered }: Connection,
  onLoss: () => void,
  signal: AbortSignal,
  step: () => Promise<boolean>,
): Promise<void> => {
  for (let failures = 1; ; failures += 1) {
    let loss: unknown = null
    try {
      if (await step()) return
    } catch (error) {
      if (signal.aborted || !isInterruption(error)) throw error
      loss = error
    }
    onLoss()
    await recovered(failures, signal, loss)
  }
}
