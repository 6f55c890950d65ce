import { and, eq } from 'drizzle-orm'
import { AppError, versionId, type DocumentPage, type VersionId } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'

/** The text of one page, with the boxes of its words. Throws AppError('not_found'). */
export const getPage = async (
  ctx: VerbContext,
  input: { versionId: VersionId; ordinal: number },
): Promise<DocumentPage> => {
  authorise(ctx, 'documents.read')
  const { orgId } = ctx.actor
  const { documentPage, documentVersion } = schema
  const [row] = await ctx.deps.database.tenant(ctx.actor).tx((tx) =>
    tx
      .select({
        versionId: documentPage.versionId,
        ordinal: documentPage.ordinal,
        text: documentPage.text,
        width: documentPage.width,
        height: documentPage.height,
        boxes: documentPage.boxes,
        label: documentPage.label,
        ocr: documentPage.ocr,
        blocks: documentPage.blocks,
        pageCount: documentVersion.pageCount,
      })
      .from(documentPage)
      .innerJoin(
        documentVersion,
        and(eq(documentVersion.orgId, documentPage.orgId), eq(documentVersion.id, documentPage.versionId)),
      )
      .where(
        and(
          eq(documentPage.orgId, orgId),
          eq(documentPage.versionId, input.versionId),
          eq(documentPage.ordinal, input.ordinal),
        ),
      ),
  )
  if (!row) throw new AppError('not_found')
  const { pageCount, ...page } = row
  return { ...page, versionId: versionId.parse(row.versionId), page: pageCount === null ? null : row.ordinal }
}
