import { AppError, type documentVersionOutput, type VersionId } from '@quarry/contracts'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { selectVersion, toVersion } from './document-row.ts'
import { readDocument } from './get.ts'

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
    return {
      document,
      version: toVersion(row),
      isLive: document.liveVersionId === row.id,
      sections: row.sectionCount ?? 0,
    }
  })
}
