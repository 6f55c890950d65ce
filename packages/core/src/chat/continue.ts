import { and, desc, eq, sql } from 'drizzle-orm'
import {
  AppError,
  collectionId,
  conversationId,
  documentId,
  messageId as messageIdSchema,
  runId as runIdSchema,
  type ContinueInput,
  type FinishedStep,
  type SendOutput,
} from '@quarry/contracts'
import { emitSignal, newId, schema, type TenantTx } from '@quarry/db'
import { authorise } from '../access/authorise.ts'
import type { Scope } from '../access/require-scope.ts'
import type { VerbContext } from '../context.ts'
import { inLiving } from '../conversations/living.ts'
import { requireOn } from '../flags/require-on.ts'
import { claimKey, hashOfRequest } from './claim-key.ts'
import { requireFreeRun } from './free-run.ts'
import { startGeneration } from './generation.ts'
import { inTurn } from './in-turn.ts'
import { readRunState } from './run-state.ts'
import { takeConversation } from './take-conversation.ts'
import { stillVisible } from './visible-steps.ts'

/**
 * Goes on with an answer that was cut off, stopped, or failed for a passing reason: a new run for the same message, from
 * the steps that its last one finished. The same idempotency key gives the same reply and starts nothing. Throws
 * AppError('not_found'), ('conflict') for an answer that is complete, under way, or not the last of its conversation,
 * ('idempotency_mismatch'), ('rate_limited'), ('unavailable') while answers are switched off.
 */
export const continueMessage = async (ctx: VerbContext, input: ContinueInput): Promise<SendOutput> => {
  authorise(ctx, 'chat.use')
  const { actor, deps } = ctx
  if (actor.kind === 'system') throw new AppError('forbidden')
  await requireOn(ctx, 'chat.answers')
  const askedAt = Date.now()
  const limits = await deps.flags.limitsOf(actor.orgId)
  const tenantDb = deps.database.tenant(actor)
  const take = () =>
    tenantDb.tx(async (tx) => {
      const found = await readContinued(tx, actor.orgId, input.messageId)
      const reply: SendOutput = { ...found.reply, runId: runIdSchema.parse(newId()) }
      const request = { key: input.idempotencyKey, hash: hashOfRequest(['continue', input.messageId]) }
      const earlier = await claimKey(ctx, tx, request, reply)
      if (earlier) return { earlier }
      await takeConversation(tx, actor.orgId, reply.conversationId)
      // Another continuation may have begun and ended while this one waited for the conversation.
      const now = await readContinued(tx, actor.orgId, input.messageId)
      requireContinuable({ isContinuable: now.isContinuable && now.lastRunId === found.lastRunId })
      await requireFreeRun(ctx, tx, limits)
      const finished = asOfNow((await readRunState(tx, actor.orgId, found.lastRunId)).finished)
      await store(ctx, tx, reply, found, finished)
      return { ...found, reply, finished }
    })
  const taken = await inTurn(`${deps.processId} ${actor.orgId}`, take)
  if ('earlier' in taken) return taken.earlier
  const { reply, question, scope } = taken
  const finished = saysNoNames(taken.finished) ? await stillVisible(deps, actor, taken.finished) : []
  startGeneration(deps, actor, {
    ...reply,
    ...{ question, scope, askedAt, requestId: ctx.requestId },
    ...{ attempt: 1, resume: { finished, lastEventId: 0, nextOrdinal: taken.finished.length } },
  })
  return reply
}

interface Continued {
  readonly reply: Omit<SendOutput, 'runId'>
  readonly lastRunId: string
  readonly question: string
  readonly scope: Scope
  readonly isContinuable: boolean
}

/** The answer, what it answers, and its last run. */
const readContinued = async (tx: TenantTx, orgId: string, id: string): Promise<Continued> => {
  const { message, run } = schema
  const [answer] = await tx
    .select({
      ...{ conversationId: message.conversationId, role: message.role, state: message.state, failure: message.failure },
      ...{ runId: run.id, scope: run.scope, questionId: run.questionId },
      isLast: sql<boolean>`not exists (select 1 from ${message} later where later.org_id = ${orgId}
        and later.conversation_id = ${message.conversationId}
        and (later.created_at, later.id) > (${message.createdAt}, ${message.id}))`,
    })
    .from(message)
    .leftJoin(run, and(eq(run.orgId, orgId), eq(run.messageId, message.id)))
    .where(and(eq(message.orgId, orgId), eq(message.id, id), inLiving(orgId, message.conversationId)))
    .orderBy(desc(run.createdAt), desc(run.id))
    .limit(1)
  if (!answer || answer.runId === null || answer.scope === null) throw new AppError('not_found')
  const { questionId } = answer
  const [question] = await tx
    .select({ id: message.id, text: message.text })
    .from(message)
    .where(
      and(
        eq(message.orgId, orgId),
        eq(message.conversationId, answer.conversationId),
        eq(message.role, 'user'),
        // A run of before that was kept: the last one, since it is the last answer or cannot be continued.
        questionId === null ? undefined : eq(message.id, questionId),
      ),
    )
    .orderBy(desc(message.createdAt), desc(message.id))
    .limit(1)
  if (!question) throw new AppError('not_found')
  const { state, failure, scope } = answer
  const passed = state === 'interrupted' || state === 'stopped' || (state === 'failed' && failure?.retryable !== false)
  return {
    reply: {
      conversationId: conversationId.parse(answer.conversationId),
      userMessageId: messageIdSchema.parse(question.id),
      messageId: messageIdSchema.parse(id),
    },
    lastRunId: answer.runId,
    question: question.text,
    scope: {
      collectionIds: scope.collectionIds?.map((one) => collectionId.parse(one)) ?? null,
      documentIds: scope.documentIds?.map((one) => documentId.parse(one)) ?? null,
    },
    isContinuable: answer.role === 'assistant' && answer.isLast && passed,
  }
}

const requireContinuable = ({ isContinuable }: Pick<Continued, 'isContinuable'>): void => {
  if (isContinuable) return
  throw new AppError('conflict', {
    message: 'This answer cannot be continued.',
    action: 'Ask again in a new question.',
  })
}

/**
 * A list of documents is names only, of which nobody knows any more whose they were: a day later some may be closed to the
 * asker. (A take-over follows within a quarter of an hour, and whoever loses access meanwhile has their answers stopped.)
 */
const saysNoNames = (finished: readonly FinishedStep[]): boolean =>
  finished.every(({ steps }) => steps.every(({ tool }) => tool !== 'list_documents'))

/** What they used was counted with the run that did them. */
const asOfNow = (finished: readonly FinishedStep[]): FinishedStep[] =>
  finished.map((step) => ({ ...step, usage: { inputTokens: 0, outputTokens: 0, steps: 0 } }))

const store = async (
  ctx: VerbContext,
  tx: TenantTx,
  reply: SendOutput,
  { scope }: Continued,
  finished: readonly FinishedStep[],
): Promise<void> => {
  const { orgId, id: ownerId } = ctx.actor
  if (ownerId === null) throw new AppError('forbidden')
  const { message, run, runPart } = schema
  const { conversationId: ofConversation, messageId, userMessageId, runId } = reply
  await tx
    .update(message)
    .set({ state: 'streaming', failure: null, model: ctx.deps.chatModel.id })
    .where(and(eq(message.orgId, orgId), eq(message.id, messageId)))
  await tx.insert(run).values({
    ...{ orgId, ownerId, id: runId, conversationId: ofConversation, messageId, questionId: userMessageId },
    scope: {
      collectionIds: scope.collectionIds && [...scope.collectionIds],
      documentIds: scope.documentIds && [...scope.documentIds],
    },
    leaseHolder: ctx.deps.processId,
    heartbeatAt: sql`now()`,
    model: ctx.deps.chatModel.id,
  })
  if (finished.length > 0)
    await tx
      .insert(runPart)
      .values(finished.map((body, ordinal) => ({ orgId, ownerId, runId, attempt: 1, lastEventId: 0, ordinal, body })))
  await emitSignal(tx, 'conversation', ofConversation)
}
