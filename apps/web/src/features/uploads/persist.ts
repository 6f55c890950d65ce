/** What is known of the way to the server. */
export interface Connection {
  /** Whether an error is a loss of connection, after which the upload goes on. */
  isInterruption: (error: unknown) => boolean
  /** Resolves when it is worth trying again after so many failures in a row. */
  recovered: (failures: number, signal: AbortSignal) => Promise<void>
}

/** Repeats a step until it says that it is done. A loss of connection only delays it; any other error ends it. */
export const persist = async (
  { isInterruption, recovered }: Connection,
  onLoss: () => void,
  signal: AbortSignal,
  step: () => Promise<boolean>,
): Promise<void> => {
  for (let failures = 1; ; failures += 1) {
    try {
      if (await step()) return
    } catch (error) {
      if (signal.aborted || !isInterruption(error)) throw error
    }
    onLoss()
    await recovered(failures, signal)
  }
}
