import type { RunEvent } from '@quarry/contracts'
import { applyRunEvent, initialRun, type RunState } from './run-state.ts'

export interface RunStreamCallbacks {
  onEvent: (event: RunEvent) => void
  onConnection: (connected: boolean) => void
  /** The server closed the stream without an error. */
  onClosed: () => void
  /** The server refuses: the run is not there (any more) for this reader. */
  onRefused: () => void
}

/** Opens the log of a run after the event that was seen last, each time that it is opened; the returned function leaves it. */
export type OpenRunStream = (lastEventId: () => number, callbacks: RunStreamCallbacks) => () => void

export interface RunSnapshot {
  readonly run: RunState
  readonly connected: boolean
  readonly refused: boolean
}

export interface RunStore {
  get: () => RunSnapshot
  subscribe: (listener: () => void) => () => void
}

export interface RunStoreOptions {
  readonly open: OpenRunStream
  /** Shown until the log says otherwise: an answer that is continued stands there already. */
  readonly before?: Pick<RunState, 'text' | 'citations' | 'steps'>
  /** Whether somebody can see the page, and a way to be told when that changes. */
  readonly visibility: { isHidden: () => boolean; subscribe: (listener: () => void) => () => void }
  readonly random?: () => number
}

/** Text arrives in many small pieces; this many ms of them are shown at once, faster than an eye follows. */
const FLUSH_MS = 33
/**
 * What replaces the text may begin before its end and catch up at once: from what is stored to what was shown. A model
 * that really starts over is slower than this.
 */
const SETTLE_MS = 400
/** Going to another tab and back is no reason to leave. */
const HIDDEN_MS = 3_000
/** When a server goes away all of its readers come to the others: not in the same moment. */
const MOVE_SPREAD_MS = 2_000
/** A stream that moves or starts anew takes up to 3 s, and that is no loss to speak of. */
const LOSS_SHOWN_MS = 5_000

/**
 * The state of one run for all of its readers in this tab. It follows the log while somebody looks, keeps what it saw
 * while nobody does, and goes on after the last event. A page that nobody sees leaves its stream: it takes one of the
 * six connections that a browser has, and the feed tells of the end.
 */
export const createRunStore = ({ open, before, visibility, random = Math.random }: RunStoreOptions): RunStore => {
  let latest: RunSnapshot = { run: initialRun, connected: true, refused: false }
  let shown: RunSnapshot = before === undefined ? latest : { ...latest, run: { ...initialRun, ...before } }
  let close: (() => void) | undefined
  let flushTimer: ReturnType<typeof setTimeout> | undefined
  let settleTimer: ReturnType<typeof setTimeout> | undefined
  let reopenTimer: ReturnType<typeof setTimeout> | undefined
  let lossTimer: ReturnType<typeof setTimeout> | undefined
  let hiddenTimer: ReturnType<typeof setTimeout> | undefined
  let unsubscribeVisibility: (() => void) | undefined
  let idleReopens = 0
  const listeners = new Set<() => void>()

  const flush = () => {
    flushTimer = undefined
    if (isSettling()) return
    clearTimeout(settleTimer)
    settleTimer = undefined
    // Before the first event, what is kept from before stays on the screen.
    shown = latest.run === initialRun ? { ...latest, run: shown.run } : latest
    for (const listener of listeners) listener()
  }
  /** What is known is less than what is shown, and probably on its way. */
  const isSettling = () =>
    settleTimer !== undefined && latest.run.end === null && latest.run.text.length < shown.run.text.length
  const settle = () => {
    settleTimer ??= setTimeout(() => {
      settleTimer = undefined
      flush()
    }, SETTLE_MS)
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
    lossTimer = undefined
  }
  const reopenIn = (ms: number) => {
    leave()
    if (listeners.size > 0) reopenTimer = setTimeout(enter, ms)
  }
  const onEvent = (event: RunEvent) => {
    idleReopens = 0
    const run = applyRunEvent(latest.run, event)
    if (run.text.length < shown.run.text.length) settle()
    update({ run, connected: true })
    if (run.end !== null) leave()
    else if (event.type === 'move') reopenIn(random() * MOVE_SPREAD_MS)
  }
  const enter = () => {
    const mayFollow = latest.run.end === null && !latest.refused && !visibility.isHidden()
    if (!mayFollow || close !== undefined) return
    close = open(() => latest.run.lastEventId, {
      onEvent,
      onConnection: (connected) => {
        if (!connected) {
          lossTimer ??= setTimeout(() => update({ connected }), LOSS_SHOWN_MS)
          return
        }
        clearTimeout(lossTimer)
        lossTimer = undefined
        if (connected !== latest.connected) update({ connected })
      },
      onClosed: () => reopenIn(Math.min(5_000, 100 * 2 ** idleReopens++) * (0.5 + random())),
      onRefused: () => {
        leave()
        update({ refused: true })
      },
    })
  }
  const onVisibility = () => {
    clearTimeout(hiddenTimer)
    if (visibility.isHidden()) hiddenTimer = setTimeout(leave, HIDDEN_MS)
    else enter()
  }

  return {
    get: () => shown,
    subscribe: (listener) => {
      listeners.add(listener)
      unsubscribeVisibility ??= visibility.subscribe(onVisibility)
      enter()
      return () => {
        listeners.delete(listener)
        if (listeners.size > 0) return
        unsubscribeVisibility?.()
        unsubscribeVisibility = undefined
        clearTimeout(hiddenTimer)
        leave()
      }
    },
  }
}
