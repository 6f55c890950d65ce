import { and, desc, eq, inArray, or, sql, type SQL } from 'drizzle-orm'
import type { Actor, CollectionId, ConversationItem, listConversationsInput, Page } from '@quarry/contracts'
import { keysetAfter, keysetMoment, pageOfRows, schema, type TenantTx } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { toConversation } from './conversation-row.ts'
import { hasAll, hasWord, hasWords, pieceAround, wordsOf } from './find-words.ts'
import { ownLiving } from './living.ts'

/** The actor's own conversations, the one that was used last first. */
export const listConversations = async (
  ctx: VerbContext,
  input: z.infer<typeof listConversationsInput>,
): Promise<Page<ConversationItem>> => {
  authorise(ctx, 'chat.use')
  const { orgId } = ctx.actor
  const { conversation } = schema
  const words = wordsOf(input.query)
  return ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const rows = await tx
      .select({
        id: conversation.id,
        title: conversation.title,
        createdAt: conversation.createdAt,
        updatedAt: conversation.updatedAt,
        cursorAt: keysetMoment(conversation.updatedAt),
      })
      .from(conversation)
      .where(
        and(
          ownLiving(ctx.actor),
          input.collectionId ? isAbout(ctx.actor, input.collectionId) : undefined,
          hasWords(orgId, words),
          keysetAfter(conversation.updatedAt, conversation.id, input.cursor),
        ),
      )
      .orderBy(desc(conversation.updatedAt), desc(conversation.id))
      .limit(input.limit + 1)
    const page = pageOfRows(
      rows,
      input.limit,
      ({ cursorAt, id }) => ({ at: cursorAt, id }),
      (row) => row,
    )
    const elsewhere = page.items.filter(({ title }) => !hasAll(title, words)).map(({ id }) => id)
    const matches = await readMatches(tx, orgId, elsewhere, words)
    const items = page.items.map((row) => ({ ...toConversation(row), match: matches.get(row.id) ?? null }))
    return { items, nextCursor: page.nextCursor }
  })
}

/**
 * For a conversation: something in it was asked in the collection, or an answer cites a document of it. Nothing is
 * about a collection that the actor does not see.
 */
const isAbout = ({ orgId, id }: Actor, collectionId: CollectionId): SQL | undefined => {
  const { citation, collection, conversation, document, message, run } = schema
  // Their owner's own, which the policies say in words that no index answers.
  const own = (table: typeof citation | typeof run) =>
    and(eq(table.orgId, orgId), id === null ? undefined : eq(table.ownerId, id))
  const asked = sql`select ${run.conversationId} from ${run} where ${and(
    own(run),
    sql`${run.scope}->'collectionIds' @> to_jsonb(${collectionId}::text)`,
  )}`
  const cited = sql`select ${message.conversationId} from ${citation} join ${document} on ${and(
    eq(document.orgId, orgId),
    eq(document.id, citation.documentId),
  )} join ${message} on ${and(eq(message.orgId, orgId), eq(message.id, citation.messageId))} where ${and(
    own(citation),
    eq(document.collectionId, collectionId),
  )}`
  return and(
    sql`exists (select 1 from ${collection} where ${and(eq(collection.orgId, orgId), eq(collection.id, collectionId))})`,
    // As an array it is found once; as a set it was found again for each conversation of who has thousands.
    sql`${conversation.id} = any (array(${asked} union all ${cited}))`,
  )
}

/** A piece of the newest message with one of the words, for each of these conversations that has such a message. */
const readMatches = async (
  tx: TenantTx,
  orgId: string,
  ids: readonly string[],
  words: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  if (ids.length === 0 || words.length === 0) return new Map()
  const { message } = schema
  const rows = await tx
    .selectDistinctOn([message.conversationId], { id: message.conversationId, text: message.text })
    .from(message)
    .where(
      and(
        eq(message.orgId, orgId),
        inArray(message.conversationId, [...ids]),
        or(...words.map((word) => hasWord(message.folded, word))),
      ),
    )
    .orderBy(message.conversationId, desc(message.createdAt), desc(message.id))
  return new Map(rows.map(({ id, text }) => [id, pieceAround(text, words)]))
}
