import { STREAM_TIMES, type CarriedEvents } from '@quarry/api'
import { createBoundedStream } from './bounded-stream.ts'
import type { Connection } from './connections.ts'
import { BEGIN, bytesOf, COMPLETE, failed, PING } from './event-bytes.ts'

export interface CarryOptions {
  readonly connection: Connection | null
  /** The caller has gone. */
  readonly signal: AbortSignal
  /** What a reader is told of what the events threw. */
  readonly errorShape: (thrown: unknown) => object
  /** Called once, when nothing of the stream is left. */
  readonly onEnd: () => void
  readonly times?: Readonly<Record<'pingMs' | 'maxDurationMs', number> & { client: object }>
}

/**
 * The events of a subscription as server-sent events, word for word as tRPC's client wants them. Written here, because
 * tRPC makes a stream of four pieces of each event and sends them through five web streams: most of what an event costs.
 * It ends with the events, after `maxDurationMs`, or with the reader.
 */
export const carryEvents = (
  events: CarriedEvents,
  { connection, signal, errorShape, onEnd, times = STREAM_TIMES }: CarryOptions,
): ReadableStream<Uint8Array> => {
  const gone = new AbortController()
  const leave = (): void => gone.abort()
  const over = (): void => {
    clearTimeout(ping)
    clearTimeout(longest)
    signal.removeEventListener('abort', leave)
    leave()
  }
  const stream = createBoundedStream({
    connection,
    onEnd: () => {
      over()
      onEnd()
    },
  })
  const ping = setTimeout(() => {
    void stream.write(PING)
    ping.refresh()
  }, times.pingMs)
  // Not complete: the reader comes back, and goes on.
  const longest = setTimeout(() => {
    over()
    stream.end()
  }, times.maxDurationMs)
  signal.addEventListener('abort', leave, { once: true })
  if (signal.aborted) leave()

  const carry = async (): Promise<void> => {
    try {
      for await (const event of events.open(gone.signal)) {
        const room = stream.write(bytesOf(event))
        if (room !== null) await room
        if (stream.isOver) return
        ping.refresh()
      }
      if (!gone.signal.aborted) void stream.write(COMPLETE)
    } catch (thrown) {
      // An abort says nothing: the reader may come back and go on.
      if (!(thrown instanceof Error && thrown.name === 'AbortError')) void stream.write(failed(errorShape(thrown)))
    } finally {
      over()
      stream.end()
    }
  }
  void stream.write(BEGIN(times.client))
  void carry()
  return stream.body
}
