import { and, desc, eq, sql } from 'drizzle-orm'
import type { DocumentItem, listDocumentsInput, Page } from '@quarry/contracts'
import { keysetAfter, pageOfRows, schema } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { selectDocuments, toDocumentItem } from './document-row.ts'

/** Documents that the actor may see, newest first, each with its newest version. */
export const listDocuments = async (
  ctx: VerbContext,
  input: z.infer<typeof listDocumentsInput>,
): Promise<Page<DocumentItem>> => {
  authorise(ctx, 'documents.read')
  const { document, documentVersion } = schema
  const rows = await ctx.deps.database.tenant(ctx.actor).tx((tx) =>
    selectDocuments(tx)
      .where(
        and(
          eq(document.orgId, ctx.actor.orgId),
          input.collectionId ? eq(document.collectionId, input.collectionId) : undefined,
          input.state ? eq(documentVersion.state, input.state) : undefined,
          input.mediaType ? eq(documentVersion.mediaType, input.mediaType) : undefined,
          input.query
            ? sql`strpos(lower(${document.sourcePath}), lower(${input.query.normalize('NFC')})) > 0`
            : undefined,
          keysetAfter(document.createdAt, document.id, input.cursor),
        ),
      )
      .orderBy(desc(document.createdAt), desc(document.id))
      .limit(input.limit + 1),
  )
  return pageOfRows(rows, input.limit, ({ cursorAt, id }) => ({ at: cursorAt, id }), toDocumentItem)
}
