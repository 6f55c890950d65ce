import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Connection } from './connections.ts'

/** As of a run's log (`MOST_BACKLOG_BYTES`): an answer of a book's length, many times over. */
const MOST_BYTES = 1_000_000
/**
 * Who takes nothing for so long, while there is something to take, is gone or asleep, and may come back: two pings and
 * the time that a telephone needs to change its network.
 */
const STALLED_MS = 30_000
/** And who has left all that is kept for it: what reads at all takes some of it in less. */
const FULL_MS = 3_000

/** Until an EventSource comes back after the end; who knows better waits longer. It would wait three seconds. */
const RETRY_FIELD = new TextEncoder().encode('retry: 100\n\n')

/** Handed on at a time: what the socket has taken over is no backlog of ours any more, so it gets little at once. */
const PIECE_BYTES = 64 * 1024

export interface BoundedOptions {
  readonly connection: Connection | null
  /** Called once, when nothing of the stream is left. */
  readonly onEnd: () => void
  readonly mostBytes?: number
  readonly stalledMs?: number
  readonly fullMs?: number
}

/**
 * The same events, read as they come and kept for a reader until it takes them: what waits goes out together. Where
 * `mostBytes` (1 MB) are kept no more is read from the source. A reader that takes nothing of them for `fullMs`, or
 * nothing of less for `stalledMs`, loses its connection; one that catches up with a long log takes something all the
 * time. What merely stopped reading from the source would keep socket and memory for as long as the other side likes: a
 * write that never ends cannot be aborted through a WritableStream.
 */
export const boundedStream = (
  source: ReadableStream<Uint8Array>,
  { connection, onEnd, mostBytes = MOST_BYTES, stalledMs = STALLED_MS, fullMs = FULL_MS }: BoundedOptions,
): ReadableStream<Uint8Array> => {
  const reader = source.getReader()
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let sourceEnded = false
  let isOver = false
  let wake: (() => void) | undefined
  let takenSome: (() => void) | undefined
  let stall: NodeJS.Timeout | undefined

  const take = (): Uint8Array | null => {
    const taken: Uint8Array[] = []
    for (let bytes = 0; bytes < PIECE_BYTES;) {
      const piece = waiting.shift()
      if (piece === undefined) break
      taken.push(piece)
      bytes += piece.byteLength
    }
    waitingBytes = waiting.length === 0 ? 0 : waitingBytes - taken.reduce((sum, piece) => sum + piece.byteLength, 0)
    return taken.length === 0 ? null : Buffer.concat(taken)
  }
  const over = () => {
    if (isOver) return
    isOver = true
    clearTimeout(stall)
    onEnd()
    wake?.()
    takenSome?.()
  }
  const drop = (controller: ReadableStreamDefaultController<Uint8Array>) => {
    if (isOver) return
    connection?.cut()
    // An abort, which nobody logs: it is the reader's doing.
    controller.error(new DOMException('the reader is too slow', 'AbortError'))
    waiting = []
    over()
    void reader.cancel().catch(() => undefined)
  }
  const pump = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    try {
      for (let next = await reader.read(); !next.done; next = await reader.read()) {
        if (isOver) return
        waiting.push(next.value)
        waitingBytes += next.value.byteLength
        if (wake !== undefined) wake()
        else stall ??= setTimeout(() => drop(controller), stalledMs)
        if (waitingBytes < mostBytes) continue
        clearTimeout(stall)
        stall = setTimeout(() => drop(controller), fullMs)
        await new Promise<void>((resolve) => {
          takenSome = resolve
        })
      }
    } catch {
      // Broken at its source, as if it had ended there: the reader comes back.
    }
    sourceEnded = true
    wake?.()
    // What has been handed on may be stuck in the socket, where nobody asks for more.
    if (isOver || connection === null) return
    const stuck = setTimeout(() => connection.cut(), stalledMs)
    stuck.unref()
    connection.onClosed(() => clearTimeout(stuck))
  }

  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        waiting.push(RETRY_FIELD)
        void pump(controller)
      },
      async pull(controller) {
        clearTimeout(stall)
        stall = undefined
        if (!isOver && !sourceEnded && waitingBytes === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
          // One event comes in four pieces, a moment apart; each would be a packet of its own.
          await nextTurn()
          wake = undefined
        }
        if (isOver) return
        const piece = take()
        if (piece !== null) controller.enqueue(piece)
        if (waitingBytes < mostBytes) takenSome?.()
        if (!sourceEnded || waiting.length > 0) return
        controller.close()
        over()
      },
      cancel(reason) {
        over()
        return reader.cancel(reason)
      },
    },
    { highWaterMark: 0 },
  )
}
