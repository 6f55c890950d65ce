import { AppError, type Actor, type FinishedStep } from '@quarry/contracts'
import { documentsOf } from '@quarry/rag/answering'
import { requireScope } from '../access/require-scope.ts'
import type { CoreDeps } from '../context.ts'

/** The same steps; none where one of their documents is gone, or not to be seen by the actor any more. Throws 'unavailable'. */
export const stillVisible = async (
  deps: CoreDeps,
  actor: Actor,
  finished: readonly FinishedStep[],
): Promise<readonly FinishedStep[]> => {
  const documentIds = readDocuments(deps, finished)
  if (documentIds === null) return []
  if (documentIds.length === 0) return finished
  try {
    const scope = { collectionIds: null, documentIds }
    await deps.database.tenant(actor).tx((tx) => requireScope({ actor }, tx, scope))
    return finished
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found') return []
    throw error
  }
}

/** Null for steps that another release wrote, in a form that this one does not know. */
const readDocuments = ({ logger }: CoreDeps, finished: readonly FinishedStep[]) => {
  try {
    return documentsOf(finished)
  } catch (err) {
    logger.info({ err }, 'an answer is begun again: its finished steps cannot be read')
    return null
  }
}
