import { and, eq } from 'drizzle-orm'
import { AppError, type DocumentId, type DocumentItem } from '@quarry/contracts'
import { schema, type TenantTx } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { selectDocuments, toDocumentItem } from './document-row.ts'

/** Throws AppError('not_found') when the document is not there or not visible. */
export const getDocument = async (ctx: VerbContext, input: { id: DocumentId }): Promise<DocumentItem> => {
  authorise(ctx, 'documents.read')
  return ctx.deps.database.tenant(ctx.actor).tx((tx) => readDocument(tx, ctx.actor.orgId, input.id))
}

/** The same inside a transaction that is already open. */
export const readDocument = async (tx: TenantTx, orgId: string, id: string): Promise<DocumentItem> => {
  const { document } = schema
  const [row] = await selectDocuments(tx).where(and(eq(document.orgId, orgId), eq(document.id, id)))
  if (!row) throw new AppError('not_found')
  return toDocumentItem(row)
}
