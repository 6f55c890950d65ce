import type { CollectionId, DocumentItem } from '@quarry/contracts'
import { forEachConcurrently } from '../concurrency.ts'
import type { Connection } from '../server/connection.ts'
import { explainFailure } from '../server/errors.ts'
import { withRetry } from '../server/retry.ts'
import type { ByteSource } from './upload.ts'
import { upload } from './upload.ts'

/** A document to send: its path in the collection and its bytes. */
export interface Outgoing {
  readonly path: string
  readonly source: ByteSource
}

/** How sending one document ended. `accepted`: the server works on it. */
export type Sent =
  | { readonly path: string; readonly status: 'accepted' | 'unchanged'; readonly document: DocumentItem }
  | { readonly path: string; readonly status: 'refused' | 'failed' | 'undelivered'; readonly reason: string }

export interface SendOptions {
  /** Uploads under way at once. */
  readonly parallel: number
  readonly onSent: (sent: Sent) => void
  /** Bytes that arrived since the last call, over all documents. */
  readonly onBytes?: (bytes: number) => void
}

/** The most files that the API takes in one `documents.createMany`. */
const FILES_PER_CALL = 200

/**
 * Sends documents, several at once, and reports each as its bytes are complete. One that is refused or fails does not
 * stop the others; only a wrong key, a vanished collection or an interrupt is thrown.
 */
export const sendAll = async (
  connection: Connection,
  collectionId: CollectionId,
  outgoing: readonly Outgoing[],
  options: SendOptions,
): Promise<void> => {
  await forEachConcurrently(tickets(connection, collectionId, outgoing), options.parallel, async (ticketed) => {
    options.onSent(ticketed.kind === 'refused' ? ticketed.sent : await sendOne(connection, ticketed, options))
  })
}

type Ticketed =
  | { readonly kind: 'ticket'; readonly document: Outgoing; readonly ticket: TicketId }
  | { readonly kind: 'refused'; readonly sent: Sent }
type TicketId = Parameters<Connection['api']['documents']['complete']['mutate']>[0]['ticket']

/** Asks for the next tickets only when the last ones are used up, so that none waits for long. */
async function* tickets(
  { api, signal }: Connection,
  collectionId: CollectionId,
  outgoing: readonly Outgoing[],
): AsyncGenerator<Ticketed> {
  for (let start = 0; start < outgoing.length; start += FILES_PER_CALL) {
    const batch = outgoing.slice(start, start + FILES_PER_CALL)
    const files = batch.map(({ path, source }) => ({ path, sizeBytes: source.sizeBytes }))
    const created = await withRetry(() => api.documents.createMany.mutate({ collectionId, files }), signal)
    for (const [index, document] of batch.entries()) {
      const answer = created[index]
      if (answer === undefined) throw new Error('The server answered for fewer files than it was asked for.')
      yield answer.refused === null
        ? { kind: 'ticket', document, ticket: answer.ticket }
        : {
            kind: 'refused',
            sent: {
              path: document.path,
              status: 'refused',
              reason: `${answer.refused.message} ${answer.refused.action}`,
            },
          }
    }
  }
}

const sendOne = async (
  connection: Connection,
  { document, ticket }: Extract<Ticketed, { kind: 'ticket' }>,
  options: SendOptions,
): Promise<Sent> => {
  const { path, source } = document
  let counted = 0
  try {
    await upload(connection, ticket, source, (stored) => {
      options.onBytes?.(stored - counted)
      counted = stored
    })
    const done = await withRetry(() => connection.api.documents.complete.mutate({ ticket }), connection.signal)
    if (done.outcome !== 'failed') return { path, status: done.outcome, document: done.document }
    const failure = done.document.latest.failure
    return {
      path,
      status: failure?.code === 'unsupported_type' ? 'refused' : 'failed',
      reason: failure === null ? 'It was not accepted.' : `${failure.message} ${failure.action}`,
    }
  } catch (error) {
    connection.signal.throwIfAborted()
    return { path, status: 'undelivered', reason: explainFailure(error, connection.credentials.url).message }
  }
}
