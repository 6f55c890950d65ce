import { randomUUID } from 'node:crypto'
import type { Collection, EvalMode } from '@quarry/contracts'
import { CommandFailure } from '../failure.ts'
import { sendAll } from '../ingest/send.ts'
import { memorySource } from '../ingest/file-source.ts'
import { watchDocuments } from '../ingest/watch.ts'
import type { Connection } from '../server/connection.ts'
import type { Dataset } from './dataset.ts'
import { markdownOf, pathOf } from './markdown.ts'

/** Small documents are all round trips: more of them at once than of files. */
const PARALLEL_UPLOADS = 12

export const createThrowawayCollection = ({ api }: Connection, dataset: Dataset): Promise<Collection> =>
  api.collections.create.mutate({ name: `eval ${dataset.name} ${randomUUID().slice(0, 8)}` })

/**
 * Sends every document of the set through the product's own upload and ingestion, and waits for the last of them, for
 * `hybrid` with its semantic index.
 * Resolves to the ids of the documents that did not become searchable; throws when one could not be delivered.
 */
export const fillCollection = async (
  connection: Connection,
  collection: Collection,
  dataset: Dataset,
  mode: EvalMode,
  onProgress: (searchable: number) => void,
): Promise<readonly string[]> => {
  const encoder = new TextEncoder()
  const idOfPath = new Map(dataset.documents.map((document) => [pathOf(document), document.id]))
  const failed: string[] = []
  let ended = 0
  const end = (path: string, searchable: boolean): void => {
    if (!searchable) failed.push(idOfPath.get(path) ?? path)
    ended += 1
    onProgress(ended)
  }
  const { watch, finished } = watchDocuments(connection, {
    onEnded: ({ path, status }) => end(path, status === 'searchable'),
    onLook: () => onProgress(ended),
    until: mode === 'hybrid' ? 'semantic' : 'searchable',
  })
  const outgoing = dataset.documents.map((document) => ({
    path: pathOf(document),
    source: memorySource(encoder.encode(markdownOf(document))),
  }))
  const sending = sendAll(connection, collection.id, outgoing, {
    parallel: PARALLEL_UPLOADS,
    onSent: (sent) => {
      if ('document' in sent) watch.add(sent.document, sent.path)
      else if (sent.status === 'undelivered') throw new CommandFailure(`Document ${sent.path}: ${sent.reason}`)
      else end(sent.path, false)
    },
  }).finally(() => watch.close())
  await Promise.all([sending, finished])
  return failed
}
