import { and, eq } from 'drizzle-orm'
import { AppError, type DocumentId, type DocumentItem } from '@quarry/contracts'
import { emitSignal, recordAudit, schema } from '@quarry/db'
import { documentProcess, enqueue } from '@quarry/jobs'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { WAITING } from './complete.ts'
import { readDocument } from './get.ts'

/** Sends the newest version to the worker again. Throws AppError('conflict') unless it failed with its bytes stored. */
export const retryDocument = async (ctx: VerbContext, input: { id: DocumentId }): Promise<DocumentItem> => {
  authorise(ctx, 'documents.write')
  const { orgId } = ctx.actor
  const { documentVersion } = schema
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const { latest } = await readDocument(tx, orgId, input.id)
    if (latest.state !== 'failed' || latest.mediaType === null)
      throw new AppError('conflict', { message: 'Only a file that failed while it was read can be tried again.' })
    const moved = await tx
      .update(documentVersion)
      .set({ ...WAITING, updatedAt: new Date() })
      .where(
        and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, latest.id), eq(documentVersion.state, 'failed')),
      )
      .returning({ id: documentVersion.id })
    if (moved.length === 0) throw new AppError('conflict')
    await enqueue(tx, documentProcess, { versionId: latest.id })
    await recordAudit(tx, {
      actor: ctx.actor,
      action: 'document.retry',
      subjectKind: 'document',
      subjectId: input.id,
      details: { versionId: latest.id },
      requestId: ctx.requestId,
    })
    await emitSignal(tx, 'document', input.id)
    return readDocument(tx, orgId, input.id)
  })
}
