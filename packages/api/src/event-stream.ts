import { tracked, type TrackedEnvelope } from '@trpc/server'
import { ReaderTooSlow } from '@quarry/cache'
import { whileAllowed, type VerbContext } from '@quarry/core'
import type { CarriedEvents } from './context.ts'
import { toTrpcError } from './errors.ts'

interface StreamContext {
  readonly verb: VerbContext
  readonly carryEvents?: ((events: CarriedEvents) => void) | undefined
}

/**
 * The events of a subscription, each under its id, so that a reader who comes back says which one was the last. What is
 * thrown after the first of them passes no middleware any more; unmapped, a client would take every refusal for a
 * fault of the server, and come back for ever. It ends when what the reader may see changes. A reader that is too slow
 * loses its connection, without a word of the end: it may come back and go on.
 *
 * Where the mount carries them itself (`carryEvents`) it is given them, and tRPC a stream of nothing.
 */
export const eventStream = <E extends { readonly id: string | number }>(
  ctx: StreamContext,
  path: string,
  signal: AbortSignal | undefined,
  open: (signal: AbortSignal) => AsyncIterable<E>,
): AsyncGenerator<TrackedEnvelope<E>, void, undefined> => {
  const eventsUntil = (gone: AbortSignal) => mapped(ctx.verb, path, gone, open)
  if (ctx.carryEvents === undefined) return withIds(eventsUntil(signal ?? new AbortController().signal))
  ctx.carryEvents({ path, open: eventsUntil })
  return withIds([])
}

async function* mapped<E>(
  verb: VerbContext,
  path: string,
  gone: AbortSignal,
  open: (signal: AbortSignal) => AsyncIterable<E>,
): AsyncGenerator<E, void, undefined> {
  try {
    yield* whileAllowed(verb, gone, open)
  } catch (thrown) {
    // A stream that is aborted ends without saying that it is complete, or that anything went wrong.
    if (thrown instanceof ReaderTooSlow) throw new DOMException(thrown.name, 'AbortError')
    const { deps, requestId } = verb
    throw toTrpcError(thrown, { logger: deps.logger, path, requestId })
  }
}

async function* withIds<E extends { readonly id: string | number }>(
  events: AsyncIterable<E> | Iterable<E>,
): AsyncGenerator<TrackedEnvelope<E>, void, undefined> {
  for await (const event of events) yield tracked(String(event.id), event)
}
