import { and, desc, eq, isNotNull, sql } from 'drizzle-orm'
import type { DocumentItem, listDocumentsInput, Page } from '@quarry/contracts'
import { keysetAfter, pageOfRows, schema } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { chooseDocuments, selectDocuments, toDocumentItem } from './document-row.ts'

/** Documents that the actor may see, newest first, each with its newest version. */
export const listDocuments = async (
  ctx: VerbContext,
  input: z.infer<typeof listDocumentsInput>,
): Promise<Page<DocumentItem>> => {
  authorise(ctx, 'documents.read')
  const { document, documentVersion } = schema
  const order = [desc(document.createdAt), desc(document.id)]
  const ofDocument = and(
    eq(document.orgId, ctx.actor.orgId),
    isNotNull(document.latestVersionId),
    input.collectionId ? eq(document.collectionId, input.collectionId) : undefined,
    input.query ? sql`strpos(lower(${document.sourcePath}), lower(${input.query.normalize('NFC')})) > 0` : undefined,
    keysetAfter(document.createdAt, document.id, input.cursor),
  )
  const ofVersion = and(
    input.state ? eq(documentVersion.state, input.state) : undefined,
    input.mediaType ? eq(documentVersion.mediaType, input.mediaType) : undefined,
  )
  const rows = await ctx.deps.database.tenant(ctx.actor).tx((tx) => {
    const chosen = chooseDocuments(tx).where(ofDocument)
    // Where nothing is asked of the versions, a page of documents is chosen first, along its index, and only its
    // versions are looked up: the planner takes the join for so small that it would sort the whole organisation.
    if (ofVersion === undefined) chosen.orderBy(...order).limit(input.limit + 1)
    return selectDocuments(tx, chosen)
      .where(ofVersion)
      .orderBy(...order)
      .limit(input.limit + 1)
  })
  return pageOfRows(rows, input.limit, ({ cursorAt, id }) => ({ at: cursorAt, id }), toDocumentItem)
}
