import { and, eq, isNotNull, isNull, or, sql, type SQL } from 'drizzle-orm'
import {
  apiKeyId,
  can,
  collectionId,
  conversationId,
  documentId,
  messageId,
  runId as runIdSchema,
  userId,
  type OrgId,
} from '@quarry/contracts'
import { newId, schema } from '@quarry/db'
import type { Asker } from '../accounts/known-caller.ts'
import { readStanding } from '../accounts/standing.ts'
import { systemActor } from '../accounts/system-actor.ts'
import type { CoreDeps } from '../context.ts'
import { inLiving } from '../conversations/living.ts'
import { finishUnheard } from './end-run.ts'
import { startGeneration } from './generation.ts'
import { readRunState } from './run-state.ts'
import { stillVisible } from './visible-steps.ts'

/** An answer that ends its process each time would end them all; the third time it is kept as it is. */
const MOST_ATTEMPTS = 3
/** Those that were given away in order have harmed nobody: a deploy of many replicas may move one often. */
const MOST_ATTEMPTS_IN_ORDER = 20
/** Nobody waits for an answer any more. */
const OLDEST_MS = 15 * 60_000

export interface Claimable {
  readonly orgId: OrgId
  readonly runId: string
  readonly attempt: number
}

/** What entitles to a claim, looked at again by the statement that makes it. */
export type Claim =
  /** No heartbeat for so long, by the database's clock, or given away; or only the latter. */
  | { readonly silentMs: number }
  | 'free'
  /** It is to stop, and whoever had it did not. */
  | 'stop'

/**
 * Makes this process the holder of a run that nobody writes, as its next attempt, and goes on with it: from its finished
 * steps, or from the question where its asker may not see by now what they drew on. Where that is no use it ends it, with
 * what was recorded. Returns false when another process was faster, or when the run has ended.
 */
export const takeOver = async (deps: CoreDeps, run: Claimable, claim: Claim): Promise<boolean> => {
  const claimed = await claimRun(deps, run, claim)
  if (claimed === null) return false
  const { row, question, isOver, state } = claimed
  const tenantDb = deps.database.tenant(systemActor(run.orgId))
  const known = {
    runId: runIdSchema.parse(row.id),
    messageId: messageId.parse(row.messageId),
    conversationId: conversationId.parse(row.conversationId),
    ownerId: row.ownerId,
    attempt: row.attempt,
  }
  if (row.stopRequestedAt !== null) return finishUnheard(deps, tenantDb, known, 'stopped')
  const actor = isOver || question === null ? null : await rebuildActor(deps, run.orgId, row.ownerId)
  if (actor === null || question === null) return finishUnheard(deps, tenantDb, known, 'interrupted')
  const scope = {
    collectionIds: row.scope.collectionIds?.map((id) => collectionId.parse(id)) ?? null,
    documentIds: row.scope.documentIds?.map((id) => documentId.parse(id)) ?? null,
  }
  const finished = await stillVisible(deps, actor, state.finished)
  deps.logger.info({ runId: known.runId, attempt: row.attempt, steps: finished.length }, 'an answer is taken over')
  startGeneration(deps, actor, {
    ...known,
    ...{ question: question.text, userMessageId: messageId.parse(question.id), scope },
    requestId: newId(),
    askedAt: row.createdAt.getTime(),
    resume: { ...state, finished },
  })
  return true
}

const claimRun = (deps: CoreDeps, { orgId, runId, attempt }: Claimable, claim: Claim) => {
  const { conversation, message, run } = schema
  const entitled: SQL | undefined =
    claim === 'stop'
      ? isNotNull(run.stopRequestedAt)
      : claim === 'free'
        ? isNull(run.heartbeatAt)
        : or(
            isNull(run.heartbeatAt),
            sql`${run.heartbeatAt} <= now() - ${claim.silentMs}::float8 * interval '1 millisecond'`,
          )
  return deps.database.tenant(systemActor(orgId)).tx(async (tx) => {
    const [before] = await tx
      .select({
        heartbeatAt: run.heartbeatAt,
        ageMs: sql<number>`extract(epoch from now() - ${run.createdAt}) * 1000`.mapWith(Number),
      })
      .from(run)
      .where(and(eq(run.orgId, orgId), eq(run.id, runId)))
    const [row] = await tx
      .update(run)
      .set({ attempt: attempt + 1, leaseHolder: deps.processId, heartbeatAt: sql`now()` })
      .where(and(eq(run.orgId, orgId), eq(run.id, runId), eq(run.attempt, attempt), eq(run.state, 'running'), entitled))
      .returning()
    if (!before || !row) return null
    const [question] =
      row.questionId === null
        ? []
        : await tx
            .select({ id: message.id, text: message.text })
            .from(message)
            .innerJoin(conversation, and(eq(conversation.orgId, orgId), eq(conversation.id, message.conversationId)))
            .where(
              and(eq(message.orgId, orgId), eq(message.id, row.questionId), inLiving(orgId, message.conversationId)),
            )
    const most = before.heartbeatAt === null ? MOST_ATTEMPTS_IN_ORDER : MOST_ATTEMPTS
    return {
      row,
      question: question ?? null,
      isOver: row.attempt > most || before.ageMs > OLDEST_MS,
      state: await readRunState(tx, orgId, runId),
    }
  })
}

/** Who asked, with the role that they have by now; null for who may not ask any more, and for a key that is over. */
const rebuildActor = async (deps: CoreDeps, orgId: OrgId, ownerId: string): Promise<Asker | null> => {
  const candidates: readonly Asker[] = [
    { kind: 'user', id: userId.parse(ownerId), orgId, role: 'viewer' },
    { kind: 'api_key', id: apiKeyId.parse(ownerId), orgId, role: 'viewer' },
  ]
  for (const candidate of candidates) {
    const role = await readStanding(deps.database.auth, candidate)
    if (role !== null) return can(role, 'chat.use') ? { ...candidate, role } : null
  }
  return null
}
