import { AppError, type DocumentId } from '@quarry/contracts'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { removeDocuments } from './remove.ts'

/** Deletes a document with all versions. Citations of it keep their quote. Throws AppError('not_found'). */
export const deleteDocument = async (ctx: VerbContext, input: { id: DocumentId }): Promise<{ id: DocumentId }> => {
  authorise(ctx, 'documents.write')
  if ((await removeDocuments(ctx, [input.id], { audit: true })) === 0) throw new AppError('not_found')
  return { id: input.id }
}
