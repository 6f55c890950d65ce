/** Why a generation ends before its answer does. */
export type StopReason =
  /** Somebody pressed stop, or deleted the conversation. */
  | 'stopped'
  /** This process is going away; another one goes on. */
  | 'shutdown'
  /** Another process holds the lease, or the run is gone. */
  | 'lost'

export interface LiveRun {
  /** Of the process that writes it. */
  readonly processId: string
  readonly runId: string
  stop(reason: StopReason): void
  /** Settles when nothing of this run is left in this process. Never rejects. */
  readonly ended: Promise<void>
}

declare global {
  // Next loads modules twice, and both must see the same generations.
  var quarryLiveRuns: Set<LiveRun> | undefined
}

const liveRuns = (): Set<LiveRun> => (globalThis.quarryLiveRuns ??= new Set())

export const addLiveRun = (run: LiveRun): void => {
  liveRuns().add(run)
  void run.ended.then(() => liveRuns().delete(run))
}

/** From so many on what an answer costs counts more than half a token's delay. */
const CROWD = 8

/** Whether many answers are being written in this process. */
export const isCrowded = (): boolean => liveRuns().size >= CROWD

export const isLive = (processId: string, runId: string): boolean =>
  [...liveRuns()].some((run) => run.processId === processId && run.runId === runId)

export const stopLiveRuns = (runIds: readonly string[]): void => {
  for (const run of liveRuns()) if (runIds.includes(run.runId)) run.stop('stopped')
}

/** Ends every generation of this process, which another one may go on with at once; also those that begin meanwhile. */
export const drainLiveRuns = async (processId: string): Promise<void> => {
  for (;;) {
    const runs = [...liveRuns()].filter((run) => run.processId === processId)
    if (runs.length === 0) return
    for (const run of runs) run.stop('shutdown')
    await Promise.all(runs.map((run) => run.ended))
    // Each takes itself off the list a moment after it has ended.
    await Promise.resolve()
  }
}
