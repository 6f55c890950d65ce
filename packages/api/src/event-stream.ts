import { tracked } from '@trpc/server'
import type { ApiContext } from './context.ts'
import { toTrpcError } from './errors.ts'

/**
 * The events of a subscription, each under its id, so that a reader who comes back says which one was the last. What is
 * thrown after the first of them passes no middleware any more; unmapped, a client would take every refusal for a
 * fault of the server, and come back for ever.
 */
export async function* eventStream<E extends { readonly id: string | number }>(
  { deps, requestId }: ApiContext,
  path: string,
  signal: AbortSignal | undefined,
  open: (signal: AbortSignal) => AsyncIterable<E>,
) {
  try {
    for await (const event of open(signal ?? new AbortController().signal)) yield tracked(String(event.id), event)
  } catch (thrown) {
    throw toTrpcError(thrown, { logger: deps.logger, path, requestId })
  }
}
