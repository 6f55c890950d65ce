import type { DocumentItem } from '@quarry/contracts'
import { documentsJson } from '@quarry/contracts'
import { defineCommand, JSON_OPTION } from '../command.ts'
import { listCollections, requireCollection } from '../server/collections.ts'
import type { Connection } from '../server/connection.ts'
import { printJson } from '../terminal/json.ts'
import { table } from '../terminal/table.ts'

/** The most rows that the API gives in one page. */
const PAGE_SIZE = 100

export const documentsCommand = defineCommand({
  name: 'documents',
  takes: '',
  summary: 'List the documents and how far each has come.',
  details: [
    '',
    'Whether the semantic index is complete, and warnings about single pages, are in the list in the browser.',
  ],
  options: {
    collection: { type: 'string', value: 'name', help: 'List only this collection.' },
    json: JSON_OPTION,
  },
  examples: ['documents', 'documents --collection Handbook --json'],
  async run({ connect, terminal }, options) {
    const connection = await connect()
    const collections =
      options.collection === undefined
        ? await listCollections(connection)
        : [await requireCollection(connection, options.collection)]
    const names = new Map(collections.map(({ id, name }) => [id, name]))
    const items = await allDocuments(connection, options.collection === undefined ? null : (collections[0]?.id ?? null))
    const documents = items.map(({ path, collectionId, latest }) => ({
      document: path,
      collection: names.get(collectionId) ?? '',
      state: latest.state,
      progress: latest.progress,
      pages: latest.pageCount,
      reason: latest.failure?.message ?? null,
    }))
    if (options.json === true) {
      printJson(terminal, documentsJson, { documents })
      return 0
    }
    if (documents.length === 0) {
      terminal.note('There are no documents yet. Add some with: quarry ingest <file|folder>')
      return 0
    }
    terminal.out(
      table([
        ['DOCUMENT', 'COLLECTION', 'PAGES', 'STATE'],
        ...documents.map((row) => [
          row.document,
          row.collection,
          row.pages === null ? '' : String(row.pages),
          stateOf(row),
        ]),
      ]),
    )
    return 0
  },
})

const allDocuments = async (
  { api }: Connection,
  collectionId: DocumentItem['collectionId'] | null,
): Promise<readonly DocumentItem[]> => {
  const items: DocumentItem[] = []
  let cursor: string | null = null
  do {
    const page: { items: DocumentItem[]; nextCursor: string | null } = await api.documents.list.query({
      collectionId,
      cursor,
      limit: PAGE_SIZE,
    })
    items.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return items
}

const stateOf = ({ state, progress, reason }: { state: string; progress: number; reason: string | null }): string => {
  if (state === 'searchable') return state
  return reason === null ? `${state}, ${progress} %` : `${state}: ${reason}`
}
