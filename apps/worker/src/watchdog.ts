import { Worker } from 'node:worker_threads'

/**
 * Twice what takes a worker for dead: by then its jobs are another one's, and nothing that this process does counts any
 * more. No step of a job holds the main thread for longer than some hundred milliseconds.
 */
const STUCK_MS = 60_000
/** So often the main thread says that it goes on, and the thread looks for it. */
const LOOK_MS = 1_000

/** The flags of this process are none of the thread's. */
const QUIET = ['--disable-warning=ExperimentalWarning']

export interface WatchdogData {
  /** The main thread adds to its only number as long as it goes on. */
  readonly beats: Int32Array
  readonly lookMs: number
  readonly stuckMs: number
}

/**
 * Ends this process when its main thread is caught in an endless loop: it hears no signal then and reads no more files,
 * others do its jobs, and whoever started it would wait for its end for ever. A thread looks, which costs 15 MB; it ends
 * with the process, and keeps it from ending no more than the clock does.
 */
export const startWatchdog = (stuckMs = STUCK_MS): void => {
  const beats = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  // Four looks at least, however short the time is.
  const lookMs = Math.min(LOOK_MS, stuckMs / 4)
  const workerData: WatchdogData = { beats, lookMs, stuckMs }
  setInterval(() => Atomics.add(beats, 0, 1), lookMs).unref()
  new Worker(new URL('./watchdog-thread.ts', import.meta.url), { workerData, env: {}, execArgv: QUIET }).unref()
}
