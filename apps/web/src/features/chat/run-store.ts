import type { RunEvent } from '@quarry/contracts'
import { applyRunEvent, initialRun, type RunState } from './run-state.ts'

export interface RunStreamCallbacks {
  onEvent: (event: RunEvent) => void
  onConnection: (connected: boolean) => void
  /** The server closed the stream without an error: it moves, or the stream reached its maximal duration. */
  onClosed: () => void
  /** The server refuses: the run is not there (any more) for this reader. */
  onRefused: () => void
}

/** Opens the log of a run after an event id; the returned function leaves it. */
export type OpenRunStream = (lastEventId: number, callbacks: RunStreamCallbacks) => () => void

export interface RunSnapshot {
  readonly run: RunState
  readonly connected: boolean
  readonly refused: boolean
}

export interface RunStore {
  get: () => RunSnapshot
  subscribe: (listener: () => void) => () => void
}

/** Text arrives in many small pieces; this many ms of them are shown at once, faster than an eye follows. */
const FLUSH_MS = 33

/** The server ends each stream after a minute, and browsers come back within about 3 s: that is no loss to speak of. */
const LOSS_SHOWN_MS = 5000

/**
 * The state of one run for all of its readers in this tab. It follows the log while somebody looks, keeps what it saw
 * while nobody does, and goes on after the last event.
 */
export const createRunStore = (open: OpenRunStream): RunStore => {
  let shown: RunSnapshot = { run: initialRun, connected: true, refused: false }
  let latest = shown
  let close: (() => void) | undefined
  let flushTimer: ReturnType<typeof setTimeout> | undefined
  let reopenTimer: ReturnType<typeof setTimeout> | undefined
  let lossTimer: ReturnType<typeof setTimeout> | undefined
  let idleReopens = 0
  const listeners = new Set<() => void>()

  const flush = () => {
    flushTimer = undefined
    shown = latest
    for (const listener of listeners) listener()
  }
  const update = (change: Partial<RunSnapshot>) => {
    latest = { ...latest, ...change }
    flushTimer ??= setTimeout(flush, FLUSH_MS)
  }
  const leave = () => {
    close?.()
    close = undefined
    clearTimeout(reopenTimer)
    clearTimeout(lossTimer)
  }
  const enter = () => {
    if (latest.run.end !== null || latest.refused || close !== undefined) return
    close = open(latest.run.lastEventId, {
      onEvent: (event) => {
        idleReopens = 0
        update({ run: applyRunEvent(latest.run, event), connected: true })
        if (latest.run.end !== null) leave()
      },
      onConnection: (connected) => {
        clearTimeout(lossTimer)
        if (connected) update({ connected })
        else lossTimer = setTimeout(() => update({ connected }), LOSS_SHOWN_MS)
      },
      onClosed: () => {
        leave()
        if (listeners.size > 0) reopenTimer = setTimeout(enter, Math.min(5000, 100 * 2 ** idleReopens++))
      },
      onRefused: () => {
        leave()
        update({ refused: true })
      },
    })
  }

  return {
    get: () => shown,
    subscribe: (listener) => {
      listeners.add(listener)
      enter()
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) leave()
      }
    },
  }
}
