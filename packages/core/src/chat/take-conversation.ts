import { and, eq } from 'drizzle-orm'
import { AppError } from '@quarry/contracts'
import { schema, type TenantTx } from '@quarry/db'
import { living } from '../conversations/living.ts'

/**
 * Makes the actor's conversation the newest, and holds it until the transaction ends. Throws AppError('not_found'), and
 * ('conflict') while it is being answered.
 */
export const takeConversation = async (tx: TenantTx, orgId: string, id: string): Promise<void> => {
  const { conversation, run } = schema
  const found = await tx
    .update(conversation)
    .set({ updatedAt: new Date() })
    .where(and(living(orgId), eq(conversation.id, id)))
    .returning({ id: conversation.id })
  if (found.length === 0) throw new AppError('not_found')
  const [running] = await tx
    .select({ id: run.id })
    .from(run)
    .where(and(eq(run.orgId, orgId), eq(run.conversationId, id), eq(run.state, 'running')))
    .limit(1)
  if (running) throw new AppError('conflict', { message: 'The last question of this conversation is being answered.' })
}
