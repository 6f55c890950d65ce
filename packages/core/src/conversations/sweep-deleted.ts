import { and, asc, eq, inArray, lte } from 'drizzle-orm'
import { CONVERSATION_UNDO_MS } from '@quarry/contracts'
import { schema } from '@quarry/db'
import type { CoreDeps } from '../context.ts'

/** A long conversation has thousands of rows: so few at a time keep the transaction short (design: 100 ms). */
const PER_TRANSACTION = 20

/** Removes for good what was deleted and can no longer be restored, with its messages. Returns how many went. */
export const sweepDeletedConversations = async (
  { database }: Pick<CoreDeps, 'database'>,
  now = new Date(),
): Promise<number> => {
  const { conversation } = schema
  const expired = lte(conversation.deletedAt, new Date(now.getTime() - CONVERSATION_UNDO_MS))
  let removed = 0
  for (;;) {
    const gone = await database.system(async (tx) => {
      let gone = 0
      const rows = await tx
        .select({ orgId: conversation.orgId, id: conversation.id })
        .from(conversation)
        .where(expired)
        .orderBy(asc(conversation.deletedAt))
        .limit(PER_TRANSACTION)
      for (const [orgId, ofOrg] of Map.groupBy(rows, (row) => row.orgId)) {
        const ids = ofOrg.map(({ id }) => id)
        const deleted = await tx
          .delete(conversation)
          // Said again: it may have been restored meanwhile.
          .where(and(eq(conversation.orgId, orgId), inArray(conversation.id, ids), expired))
          .returning({ id: conversation.id })
        gone += deleted.length
      }
      return gone
    })
    removed += gone
    if (gone < PER_TRANSACTION) return removed
  }
}
