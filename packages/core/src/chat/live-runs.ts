/** Why a generation ends before its answer does. */
export type StopReason =
  /** Somebody pressed stop, or deleted the conversation. */
  | 'stopped'
  /** This process is going away. */
  | 'shutdown'
  /** Another process holds the lease, or the run is gone. */
  | 'lost'

export interface LiveRun {
  readonly runId: string
  stop(reason: StopReason): void
  /** Settles when nothing of this run is left in this process. Never rejects. */
  readonly ended: Promise<void>
}

declare global {
  // Next loads modules twice, and both must see the same generations.
  var quarryLiveRuns: Map<string, LiveRun> | undefined
}

const liveRuns = (): Map<string, LiveRun> => (globalThis.quarryLiveRuns ??= new Map())

export const addLiveRun = (run: LiveRun): void => {
  liveRuns().set(run.runId, run)
  void run.ended.then(() => liveRuns().delete(run.runId))
}
export const isLive = (runId: string): boolean => liveRuns().has(runId)

export const stopLiveRuns = (runIds: readonly string[]): void => {
  for (const id of runIds) liveRuns().get(id)?.stop('stopped')
}

/** Ends every generation of this process; each is stored as interrupted, with what it has. */
export const drainLiveRuns = async (): Promise<void> => {
  const runs = [...liveRuns().values()]
  for (const run of runs) run.stop('shutdown')
  await Promise.all(runs.map((run) => run.ended))
}
