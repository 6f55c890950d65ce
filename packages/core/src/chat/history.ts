import { and, desc, eq, ne, inArray } from 'drizzle-orm'
import { schema, type TenantDb } from '@quarry/db'

export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

/** Messages that the model is shown from before: enough to follow "and the other one?", small beside the passages. */
const HISTORY_MESSAGES = 10

/** What was said in a conversation before `messageIds`, oldest first, without answers that did not come about. */
export const readHistory = async (
  tenantDb: TenantDb,
  conversationId: string,
  before: { readonly userMessageId: string; readonly messageId: string },
): Promise<Turn[]> => {
  const { orgId } = tenantDb.actor
  const { message } = schema
  const rows = await tenantDb.tx((tx) =>
    tx
      .select({ role: message.role, text: message.text })
      .from(message)
      .where(
        and(
          eq(message.orgId, orgId),
          eq(message.conversationId, conversationId),
          ne(message.id, before.userMessageId),
          ne(message.id, before.messageId),
          inArray(message.state, ['complete', 'stopped', 'interrupted']),
          ne(message.text, ''),
        ),
      )
      .orderBy(desc(message.createdAt), desc(message.id))
      .limit(HISTORY_MESSAGES),
  )
  return rows.toReversed()
}
