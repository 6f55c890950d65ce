import { tracked } from '@trpc/server'
import { ReaderTooSlow } from '@quarry/cache'
import { whileAllowed, type VerbContext } from '@quarry/core'
import { toTrpcError } from './errors.ts'

/**
 * The events of a subscription, each under its id, so that a reader who comes back says which one was the last. What is
 * thrown after the first of them passes no middleware any more; unmapped, a client would take every refusal for a
 * fault of the server, and come back for ever. It ends when what the reader may see changes. A reader that is too slow
 * loses its connection, without a word of the end: it may come back and go on.
 */
export async function* eventStream<E extends { readonly id: string | number }>(
  { verb }: { readonly verb: VerbContext },
  path: string,
  signal: AbortSignal | undefined,
  open: (signal: AbortSignal) => AsyncIterable<E>,
) {
  try {
    for await (const event of whileAllowed(verb, signal ?? new AbortController().signal, open))
      yield tracked(String(event.id), event)
  } catch (thrown) {
    // tRPC ends a stream that is aborted without saying that it is complete, or that anything went wrong.
    if (thrown instanceof ReaderTooSlow) throw new DOMException(thrown.name, 'AbortError')
    const { deps, requestId } = verb
    throw toTrpcError(thrown, { logger: deps.logger, path, requestId })
  }
}
