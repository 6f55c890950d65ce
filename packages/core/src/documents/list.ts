import { and, desc, eq, isNotNull, sql } from 'drizzle-orm'
import type { DocumentItem, listDocumentsInput, Page } from '@quarry/contracts'
import { builtQuery, keysetAfterPlaceholders, keysetValues, pageOfRows, schema, type TenantTx } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { chooseDocuments, selectDocuments, toDocumentItem, type DocumentRow } from './document-row.ts'

type Input = z.infer<typeof listDocumentsInput>

/** Documents that the actor may see, newest first, each with its newest version. */
export const listDocuments = async (ctx: VerbContext, input: Input): Promise<Page<DocumentItem>> => {
  authorise(ctx, 'documents.read')
  const { collectionId, state, mediaType, query, cursor, limit } = input
  const shape = [collectionId, state, mediaType, query, cursor].map((value) => (value ? 1 : 0)).join('')
  const values = {
    orgId: ctx.actor.orgId,
    collectionId,
    state,
    mediaType,
    query: query?.normalize('NFC'),
    ...(cursor && keysetValues(cursor)),
    limit: limit + 1,
  }
  const rows = await ctx.deps.database
    .tenant(ctx.actor)
    .tx((tx) => documentRows(tx, shape, (builder) => buildList(builder, input), values))
  return pageOfRows(rows, limit, ({ cursorAt, id }) => ({ at: cursorAt, id }), toDocumentItem)
}

const documentRows = builtQuery<DocumentRow[]>()

/** Of `input` only which filters are set: the values come when it is run. */
const buildList = (tx: TenantTx, input: Input) => {
  const { document, documentVersion } = schema
  const value = sql.placeholder
  const order = [desc(document.createdAt), desc(document.id)]
  const ofVersion = and(
    input.state ? eq(documentVersion.state, value('state')) : undefined,
    input.mediaType ? eq(documentVersion.mediaType, value('mediaType')) : undefined,
  )
  const chosen = chooseDocuments(tx).where(
    and(
      eq(document.orgId, value('orgId')),
      isNotNull(document.latestVersionId),
      input.collectionId ? eq(document.collectionId, value('collectionId')) : undefined,
      input.query ? sql`strpos(lower(${document.sourcePath}), lower(${value('query')})) > 0` : undefined,
      input.cursor ? keysetAfterPlaceholders(document.createdAt, document.id) : undefined,
    ),
  )
  // Where nothing is asked of the versions, a page of documents is chosen first, along its index, and only its versions
  // are looked up: the planner takes the join for so small that it would sort the whole organisation.
  if (ofVersion === undefined) chosen.orderBy(...order).limit(value('limit'))
  return selectDocuments(tx, chosen)
    .where(ofVersion)
    .orderBy(...order)
    .limit(value('limit'))
}
