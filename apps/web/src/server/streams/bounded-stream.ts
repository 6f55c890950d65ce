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

/** What is written goes out at once, and is kept where the reader does not take it. */
export interface BoundedStream {
  /** The body of the answer. */
  readonly body: ReadableStream<Uint8Array>
  /** Null: more may come at once. Otherwise all that may be kept is; settles when there is room, or nobody left. */
  write(bytes: Uint8Array): Promise<void> | null
  /** Nothing more comes. What is there still goes out. */
  end(): void
  /** Nobody takes anything any more. */
  readonly isOver: boolean
}

/**
 * The body of an answer that goes on for long, for a reader that may be slow. Where `mostBytes` (1 MB) are kept the writer
 * is to wait. A reader that takes nothing of them for `fullMs`, or nothing of less for `stalledMs`, loses its connection;
 * one that catches up with a long log takes something all the time. What merely stopped writing would keep socket and
 * memory for as long as the other side likes: a write that never ends cannot be aborted through a WritableStream.
 *
 * The first piece goes through the body, with which the answer begins; the others are written to the connection: the way
 * through web streams, to be gone for every event and reader, takes several times as long as all the rest.
 */
export const createBoundedStream = ({
  connection,
  onEnd,
  mostBytes = MOST_BYTES,
  stalledMs = STALLED_MS,
  fullMs = FULL_MS,
}: BoundedOptions): BoundedStream => {
  let waiting: Uint8Array[] = []
  let waitingBytes = 0
  let way: 'body' | 'connection' = 'body'
  /** The reader takes another piece. */
  let isReady = false
  let hasEnded = false
  let isOver = false
  let takenSome: (() => void) | undefined
  let stall: NodeJS.Timeout | undefined
  let body: ReadableStreamDefaultController<Uint8Array> | undefined

  const take = (): Uint8Array => {
    const taken: Uint8Array[] = []
    let bytes = 0
    for (const piece of waiting) {
      if (bytes >= PIECE_BYTES) break
      taken.push(piece)
      bytes += piece.byteLength
    }
    waiting = waiting.slice(taken.length)
    waitingBytes -= bytes
    const [only] = taken
    return taken.length === 1 && only !== undefined ? only : Buffer.concat(taken)
  }
  const over = (): void => {
    if (isOver) return
    isOver = true
    clearTimeout(stall)
    waiting = []
    onEnd()
    takenSome?.()
  }
  const drop = (): void => {
    if (isOver) return
    connection?.cut()
    // An abort, which nobody logs: it is the reader's doing.
    body?.error(new DOMException('the reader is too slow', 'AbortError'))
    over()
  }
  const handOn = (piece: Uint8Array): void => {
    if (way === 'connection') isReady = connection?.write(piece) ?? false
    else {
      isReady = false
      body?.enqueue(piece)
    }
  }
  const flush = (): void => {
    if (isOver) return
    while (isReady && waiting.length > 0) {
      clearTimeout(stall)
      stall = undefined
      handOn(take())
    }
    if (waitingBytes < mostBytes) takenSome?.()
    if (waiting.length > 0) stall ??= setTimeout(drop, waitingBytes < mostBytes ? stalledMs : fullMs)
    else if (hasEnded) {
      body?.close()
      over()
    }
  }

  return {
    body: new ReadableStream<Uint8Array>(
      {
        start(controller) {
          body = controller
        },
        pull() {
          isReady = true
          if (connection?.hasBegun === true && way === 'body') {
            way = 'connection'
            connection.onClosed(over)
            connection.onDrain(() => {
              isReady = true
              flush()
            })
          }
          flush()
        },
        cancel: over,
      },
      { highWaterMark: 0 },
    ),
    write: (bytes) => {
      if (isOver || hasEnded) return null
      waiting.push(bytes)
      waitingBytes += bytes.byteLength
      const wasFull = waitingBytes - bytes.byteLength >= mostBytes
      flush()
      if (isOver || waitingBytes < mostBytes) return null
      if (!wasFull) {
        clearTimeout(stall)
        stall = setTimeout(drop, fullMs)
      }
      return new Promise<void>((resolve) => {
        takenSome = resolve
      })
    },
    end: () => {
      if (isOver || hasEnded) return
      hasEnded = true
      flush()
      if (connection === null) return
      // What has been handed on may be stuck in the socket, where nobody asks for more.
      const stuck = setTimeout(() => connection.cut(), stalledMs)
      stuck.unref()
      connection.onClosed(() => clearTimeout(stuck))
    },
    get isOver() {
      return isOver
    },
  }
}
