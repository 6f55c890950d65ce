import type { Actor } from '@quarry/contracts'
import { and, eq, isNull, sql, type AnyColumn, type SQL } from 'drizzle-orm'
import { schema } from '@quarry/db'

const { conversation } = schema

/** Those that were not deleted. The policies show each caller its own; this hides what its owner may still undo. */
export const living = (orgId: string): SQL | undefined =>
  and(eq(conversation.orgId, orgId), isNull(conversation.deletedAt))

/** The actor's own of them. The policies say the same, in words that no index answers. */
export const ownLiving = (actor: Actor): SQL | undefined =>
  and(living(actor.orgId), actor.id === null ? undefined : eq(conversation.ownerId, actor.id))

/** For a message or a run: the conversation that it is in was not deleted. */
export const inLiving = (orgId: string, conversationId: AnyColumn): SQL =>
  sql`exists (select 1 from ${conversation} where ${conversation.orgId} = ${orgId}
    and ${conversation.id} = ${conversationId} and ${conversation.deletedAt} is null)`
