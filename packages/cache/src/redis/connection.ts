import { Redis } from 'ioredis'
import type { RedisAdapter } from '@quarry/config'

/** How a connection stops being one: told once, with the reason. */
export type OnLost = (cause: unknown) => unknown

/**
 * A connection that never helps itself: it queues nothing while it is not there, repeats nothing, and does not come
 * back. Whoever made it makes another one; so there is one place that decides how often Redis is tried.
 */
export const openConnection = async (
  adapter: RedisAdapter,
  timeoutMs: number,
  onLost: OnLost,
  given?: AbortSignal,
): Promise<Redis> => {
  const redis = new Redis(adapter.url, {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    retryStrategy: () => null,
    // A new number of milliseconds is no news, and an older Redis does not know the command.
    disableClientInfo: true,
  })
  let cause: unknown
  // Without a listener an `error` event ends the process.
  redis.on('error', (error: unknown) => (cause = error))
  // `connectTimeout` ends with the TCP handshake; a server that takes connections and says nothing is as good as none.
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(given === undefined ? [] : [given])])
  const cut = () => cutConnection(redis)
  signal.addEventListener('abort', cut)
  try {
    await redis.connect()
    signal.throwIfAborted()
  } catch (error) {
    cutConnection(redis)
    throw cause ?? error
  } finally {
    signal.removeEventListener('abort', cut)
  }
  redis.once('end', () => onLost(cause ?? new Error('The connection to Redis was closed')))
  return redis
}

/** Ends it now: what it was asked and has not answered fails. ioredis itself waits 2 s for the other side's goodbye. */
export const cutConnection = (redis: Redis): void => {
  redis.disconnect()
  redis.stream?.destroy()
}

/** Connections whose commands wait for the end of this turn of the event loop. */
const gathering = new WeakSet<object>()

/**
 * Sends what is written to a connection in this turn of the event loop at its end, at once: hundreds of callers who come
 * in one turn cost one system call, which is a third of what a cached read costs otherwise. Nobody waits longer: the
 * end of the turn is when the loop has read what lay in its sockets, and before it waits for more.
 */
export const gatherWrites = ({ stream }: Redis): void => {
  // While it is being connected there is none.
  if (stream === undefined || stream.destroyed || gathering.has(stream)) return
  gathering.add(stream)
  stream.cork()
  setImmediate(() => {
    gathering.delete(stream)
    stream.uncork()
  })
}
