import { AppError, type documentVersionOutput, type VersionId } from '@quarry/contracts'
import { schema } from '@quarry/db'
import { and, asc, eq, isNotNull } from 'drizzle-orm'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { selectVersion, toVersion } from './document-row.ts'
import { readDocument } from './get.ts'

/** A workbook or a book has a few dozen; more than this nobody reads in a menu. */
const MAX_LABELS = 500

/** A version with its document, also when it is no longer the live one. */
export const getVersion = async (
  ctx: VerbContext,
  input: { versionId: VersionId },
): Promise<z.infer<typeof documentVersionOutput>> => {
  authorise(ctx, 'documents.read')
  const { orgId } = ctx.actor
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const [row] = await selectVersion(tx, orgId, input.versionId)
    if (!row) throw new AppError('not_found')
    const document = await readDocument(tx, orgId, row.documentId)
    const { documentPage } = schema
    const labelled = await tx
      .select({ ordinal: documentPage.ordinal, label: documentPage.label })
      .from(documentPage)
      .where(and(eq(documentPage.orgId, orgId), eq(documentPage.versionId, row.id), isNotNull(documentPage.label)))
      .orderBy(asc(documentPage.ordinal))
      .limit(MAX_LABELS)
    return {
      document,
      version: toVersion(row),
      isLive: document.liveVersionId === row.id,
      sections: row.sectionCount ?? 0,
      labels: labelled.flatMap(({ ordinal, label }) => (label === null ? [] : [{ ordinal, label }])),
    }
  })
}
