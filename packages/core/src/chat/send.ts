import { sql } from 'drizzle-orm'
import {
  AppError,
  conversationId as conversationIdSchema,
  messageId as messageIdSchema,
  runId as runIdSchema,
  type SendInput,
  type SendOutput,
} from '@quarry/contracts'
import { emitSignal, schema, newId, type TenantTx } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import { requireScope, scopeOf, type Scope } from '../access/require-scope.ts'
import type { VerbContext } from '../context.ts'
import { requireOn } from '../flags/require-on.ts'
import { claimKey, hashOfRequest } from './claim-key.ts'
import { requireFreeRun } from './free-run.ts'
import { startGeneration } from './generation.ts'
import { inTurn } from './in-turn.ts'
import { takeConversation } from './take-conversation.ts'

/** A line of a list of conversations. */
const TITLE_LENGTH = 80

/**
 * Takes a question: stores it with an empty answer and a run, and starts generating in this process. The same
 * idempotency key with the same body gives the same reply and starts nothing. Throws AppError('idempotency_mismatch'),
 * ('not_found') for a conversation or a filter that is not there, ('conflict') while the conversation is being
 * answered, ('rate_limited'), ('unavailable') while answers are switched off.
 */
export const sendMessage = async (ctx: VerbContext, input: SendInput): Promise<SendOutput> => {
  authorise(ctx, 'chat.use')
  const { actor } = ctx
  if (actor.kind === 'system') throw new AppError('forbidden')
  await requireOn(ctx, 'chat.answers')
  const askedAt = Date.now()
  const scope = scopeOf(input)
  const reply: SendOutput = {
    conversationId: input.conversationId ?? conversationIdSchema.parse(newId()),
    userMessageId: messageIdSchema.parse(newId()),
    messageId: messageIdSchema.parse(newId()),
    runId: runIdSchema.parse(newId()),
  }
  // Before the transaction, which waits for nobody.
  const limits = await ctx.deps.flags.limitsOf(actor.orgId)
  const tenantDb = ctx.deps.database.tenant(actor)
  const take = () =>
    tenantDb.tx(async (tx) => {
      const earlier = await claimKey(ctx, tx, { key: input.idempotencyKey, hash: hashOf(input) }, reply)
      if (earlier) return earlier
      await requireScope(ctx, tx, scope)
      await requireFreeRun(ctx, tx, limits)
      await store(ctx, tx, input, reply, scope)
      return null
    })
  const earlier = await inTurn(`${ctx.deps.processId} ${actor.orgId}`, take)
  if (earlier) return earlier
  startGeneration(ctx.deps, actor, {
    ...reply,
    ...{ question: input.text, scope, askedAt, requestId: ctx.requestId },
    ...{ attempt: 1, resume: null },
  })
  return reply
}

const hashOf = (input: SendInput): string => {
  const ids = (list: readonly string[] | null | undefined) => (list?.length ? list.toSorted() : null)
  return hashOfRequest([input.conversationId ?? null, input.text, ids(input.collectionIds), ids(input.documentIds)])
}

const store = async (ctx: VerbContext, tx: TenantTx, input: SendInput, reply: SendOutput, scope: Scope) => {
  const { orgId, id: ownerId } = ctx.actor
  if (ownerId === null) throw new AppError('forbidden')
  const { conversation, message, run } = schema
  const { conversationId, messageId } = reply
  if (input.conversationId) await takeConversation(tx, orgId, conversationId)
  else await tx.insert(conversation).values({ orgId, id: conversationId, ownerId, title: titleOf(input.text) })
  const common = { orgId, ownerId, conversationId }
  await tx.insert(message).values([
    { ...common, id: reply.userMessageId, role: 'user', state: 'complete', text: input.text },
    { ...common, id: messageId, role: 'assistant', state: 'streaming', model: ctx.deps.chatModel.id },
  ])
  await tx.insert(run).values({
    ...common,
    id: reply.runId,
    messageId,
    questionId: reply.userMessageId,
    scope: {
      collectionIds: scope.collectionIds && [...scope.collectionIds],
      documentIds: scope.documentIds && [...scope.documentIds],
    },
    leaseHolder: ctx.deps.processId,
    heartbeatAt: sql`now()`,
    model: ctx.deps.chatModel.id,
  })
  await emitSignal(tx, 'conversation', conversationId)
}

/** The first line of a question, cut between words. */
export const titleOf = (text: string): string => {
  const line = text.replaceAll(/\s+/g, ' ').trim()
  if (line.length <= TITLE_LENGTH) return line
  const cut = line.slice(0, TITLE_LENGTH)
  const space = cut.lastIndexOf(' ')
  return `${(space > TITLE_LENGTH / 2 ? cut.slice(0, space) : cut).toWellFormed()}…`
}
