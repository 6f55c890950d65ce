import type { RunLogWriter } from '@quarry/cache'
import type { RunEvent, RunEventBody } from '@quarry/contracts'

/** Two or three tokens: what nobody sees as a pause. */
const GATHER_MS = 40
/** Where many answers are written at once, half as many appends; four or five tokens are no pause either. */
const GATHER_CROWDED_MS = 80
/** While the log is slow, fewer and larger appends; three times as long is still no pause. */
const GATHER_MOST_MS = 120

export interface CoalescedLog {
  /**
   * Appends an event, or gathers it with the text before it: the first text of all goes at once, later text after 40 ms
   * (80 ms in a crowd, 120 ms while an append is under way), everything else at once and after the text before it.
   * Resolves when the event is in the log, for text at once. Rejects with AppError('conflict') when a newer attempt has
   * the log or when it has ended, for text with the next call.
   */
  append(body: RunEventBody): Promise<void>
  /** Appends what is gathered. Resolves when all is in the log; rejects as `append`. */
  flush(): Promise<void>
}

/**
 * A run's log for a model that gives text in small pieces. `onEvents` is told every event with its id, in order, before
 * the call that appended it resolves; `onLost` once, when the log refuses them. `isCrowded`: whether many others are
 * written in this process.
 */
export const createCoalescedLog = (
  writer: RunLogWriter,
  onEvents: (events: readonly RunEvent[]) => void,
  onLost: (error: unknown) => void,
  isCrowded: () => boolean,
): CoalescedLog => {
  let gathered = ''
  let gatheredAt = 0
  let timer: NodeJS.Timeout | undefined
  let underWay = 0
  let hasText = false
  let failure: { readonly error: unknown } | undefined
  /** Settles when all that was sent has been told; rejects with the first refusal. */
  let told: Promise<void> = Promise.resolve()

  const send = (bodies: readonly RunEventBody[]): void => {
    underWay++
    const answer = writer.append(bodies).finally(() => {
      underWay--
      if (underWay === 0 && gathered !== '') schedule()
    })
    told = Promise.all([answer, told]).then(([events]) => onEvents(events))
    told.catch((error: unknown) => {
      if (failure !== undefined) return
      failure = { error }
      onLost(error)
    })
  }

  const takeGathered = (): RunEventBody[] => {
    clearTimeout(timer)
    timer = undefined
    if (gathered === '') return []
    const delta = gathered
    gathered = ''
    return [{ type: 'text', delta }]
  }

  const sendGathered = (): void => {
    const bodies = takeGathered()
    if (bodies.length > 0 && failure === undefined) send(bodies)
  }

  const gatherMs = (): number => {
    if (underWay > 0) return GATHER_MOST_MS
    return isCrowded() ? GATHER_CROWDED_MS : GATHER_MS
  }

  /** The latest moment for what is gathered, which moves when an append begins or ends. */
  const schedule = (): void => {
    clearTimeout(timer)
    const waitMs = gatheredAt + gatherMs() - performance.now()
    if (waitMs <= 0) sendGathered()
    else timer = setTimeout(sendGathered, waitMs)
  }

  const throwFailure = (): void => {
    if (failure !== undefined) throw failure.error
  }

  return {
    append: async (body) => {
      throwFailure()
      if (body.type !== 'text') {
        send([...takeGathered(), body])
        return told
      }
      if (gathered === '') gatheredAt = performance.now()
      gathered += body.delta
      if (hasText) {
        if (timer === undefined) schedule()
      } else if (gathered.trim() !== '') {
        hasText = true
        sendGathered()
      }
    },
    flush: async () => {
      throwFailure()
      sendGathered()
      return told
    },
  }
}
