import type { DocumentItem } from '@quarry/contracts'
import { ingestJson } from '@quarry/contracts'
import type { CommandContext } from '../command.ts'
import { defineCommand, JSON_OPTION } from '../command.ts'
import { CommandFailure, INTERRUPTED_EXIT_CODE } from '../failure.ts'
import { fileSource } from '../ingest/file-source.ts'
import { IngestReport, resultOf } from '../ingest/report.ts'
import type { Sent } from '../ingest/send.ts'
import { sendAll } from '../ingest/send.ts'
import { walk } from '../ingest/walk.ts'
import { endOf, watchDocuments, type WatchUntil } from '../ingest/watch.ts'
import { DEFAULT_COLLECTION, ensureCollection } from '../server/collections.ts'
import { printJson } from '../terminal/json.ts'

/** Enough to hide the round trips; more only compete for the same disk and the same two cores. */
const PARALLEL_UPLOADS = 8

export const ingestCommand = defineCommand({
  name: 'ingest',
  takes: '<file|folder>…',
  summary: 'Upload files, and everything in folders, to a collection.',
  details: [
    '',
    'A file in a folder is named by its path inside that folder, a file given by itself by its own name; a file of the',
    'same name becomes the new version of that document, and one that has not changed is left alone. Hidden files and',
    'links that lead out of the folder are skipped.',
    'Exits with 0 when every file ended, whether searchable, refused or failed with a reason.',
  ],
  options: {
    collection: { type: 'string', value: 'name', help: `Collection, made when it is missing (${DEFAULT_COLLECTION}).` },
    wait: {
      type: 'optional',
      value: 'semantic',
      help: 'Wait until every file is searchable or has failed; =semantic: and is found by meaning, too.',
    },
    json: JSON_OPTION,
  },
  examples: [
    'ingest handbook.pdf',
    'ingest ./policies ./minutes/2026.md --collection Legal --wait',
    'ingest docs --wait=semantic --json',
  ],
  async run(context, options, positionals) {
    if (positionals.length === 0) throw new CommandFailure('Which files? See: quarry ingest --help')
    const { terminal } = context
    const until = waitUntil(options.wait)
    const { files, leftOut } = await walk(positionals, context.env.callerDir)
    if (files.length === 0 && leftOut.length === 0)
      throw new CommandFailure(`There are no files in ${positionals.join(', ')}.`)
    const connection = await context.connect()
    const collection = await ensureCollection(connection, options.collection ?? DEFAULT_COLLECTION)

    const report = new IngestReport(terminal, files.length + leftOut.length, options.json !== true)
    for (const { path, reason } of leftOut) report.ended({ path, status: 'refused', reason })
    const { watch, finished } = watchDocuments(connection, {
      onEnded: (ended) => report.ended(ended),
      onLook: (seen) => report.looked(seen),
      until: until ?? 'searchable',
    })
    const outgoing = files.map(({ path, absolutePath, sizeBytes }) => ({
      path,
      source: fileSource(absolutePath, sizeBytes),
    }))
    const sending = sendAll(connection, collection.id, outgoing, {
      parallel: PARALLEL_UPLOADS,
      onBytes: (bytes) => report.stored(bytes),
      onSent: (sent) => {
        if (until !== null && needsWatching(sent, until)) watch.add(sent.document, sent.path)
        else report.ended(resultOf(sent))
      },
    }).finally(() => watch.close())
    await withInterruptHint(context, Promise.all([sending, finished]))

    terminal.clearProgress()
    if (options.json === true) printJson(terminal, ingestJson, { files: report.results(files.map(({ path }) => path)) })
    else terminal.note(report.summary(until !== null))
    if (report.undelivered > 0) {
      throw new CommandFailure(
        `${report.undelivered} of ${files.length} files could not be delivered. Run the command again to go on.`,
      )
    }
    return 0
  },
})

const withInterruptHint = async (context: CommandContext, work: Promise<unknown>): Promise<void> => {
  try {
    await work
  } catch (error) {
    if (!context.signal.aborted) throw error
    throw new CommandFailure('Interrupted. What was uploaded stays: run the same command again to go on.', {
      exitCode: INTERRUPTED_EXIT_CODE,
      cause: error,
    })
  }
}

/** The same content may be on its way already: then there is something to wait for. */
const needsWatching = (sent: Sent, until: WatchUntil): sent is Extract<Sent, { document: DocumentItem }> =>
  'document' in sent &&
  !(sent.status === 'unchanged' && endOf(sent.document, sent.path, until)?.status === 'searchable')

/** null: not at all. */
const waitUntil = (wait: string | undefined): WatchUntil | null => {
  if (wait === undefined) return null
  if (wait === '') return 'searchable'
  if (wait === 'semantic') return wait
  throw new CommandFailure(`--wait stands alone or is --wait=semantic, not --wait=${wait}.`)
}
