import { setTimeout as delay } from 'node:timers/promises'
import {
  AppError,
  ERRORS,
  type Actor,
  type MessageId,
  type ConversationId,
  type RunEventBody,
  type RunFailure,
  type RunId,
} from '@quarry/contracts'
import { withRequestContext } from '@quarry/observability'
import { generateAnswer } from '@quarry/rag/answering'
import type { Scope } from '../access/require-scope.ts'
import type { CoreDeps } from '../context.ts'
import { embedderOf } from '../flags/embedder-of.ts'
import { finishRun, type Outcome } from './finish.ts'
import { readHistory } from './history.ts'
import { holdLease } from './lease.ts'
import { addLiveRun, type StopReason } from './live-runs.ts'
import { PartRecorder } from './part-recorder.ts'
import { storable } from './storable.ts'
import { readStoredAnswer } from './stored-answer.ts'
import { Transcript } from './transcript.ts'

export interface GenerationRequest {
  readonly runId: RunId
  readonly conversationId: ConversationId
  readonly userMessageId: MessageId
  readonly messageId: MessageId
  readonly question: string
  readonly scope: Scope
  readonly requestId: string
  /** `performance.now()` when the question was accepted. */
  readonly startedAt: number
}

/** Lease of this process; a take-over by another one would be attempt 2. */
const ATTEMPT = 1
/** The end of an answer is worth more than one try: together half a minute, which is how long a database restart takes. */
const FINISH_RETRIES_MS = [250, 1000, 3000, 8000, 18_000]
const NO_USAGE = { inputTokens: 0, outputTokens: 0, steps: 0 }

/** Starts an answer that goes on whoever listens, until its end is in the database and in the log. */
export const startGeneration = (deps: CoreDeps, actor: Actor, request: GenerationRequest): void => {
  const controller = new AbortController()
  const ended = withRequestContext({ requestId: request.requestId, orgId: actor.orgId }, () =>
    generate(deps, actor, request, controller).catch((err: unknown) =>
      deps.logger.error({ err, runId: request.runId }, 'a run could not be ended; the sweep will'),
    ),
  )
  addLiveRun({ runId: request.runId, stop: (reason) => controller.abort(reason), ended })
}

const generate = async (
  deps: CoreDeps,
  actor: Actor,
  request: GenerationRequest,
  controller: AbortController,
): Promise<void> => {
  const tenantDb = deps.database.tenant(actor)
  const { runId, messageId, conversationId } = request
  const ownerId = actor.id ?? ''
  const transcript = new Transcript()
  const log = await deps.runLog.open({ orgId: actor.orgId, runId }, ATTEMPT)
  const recorder = new PartRecorder(tenantDb, { runId, ownerId, attempt: ATTEMPT }, (err) =>
    deps.logger.warn({ err, runId }, 'parts of a run could not be stored yet'),
  )
  const append = async (body: RunEventBody): Promise<void> => {
    const [event] = await log.append([body])
    transcript.add(body)
    if (event) recorder.add(event.id, body)
  }
  const release = holdLease(deps, tenantDb, { runId, attempt: ATTEMPT }, (reason) => controller.abort(reason))
  try {
    const outcome = storable(await answer(deps, actor, request, { append, transcript, signal: controller.signal }))
    await recorder.stop()
    try {
      const stored = await storeEnd(deps, () =>
        finishRun(tenantDb, { runId, messageId, conversationId, ownerId, attempt: ATTEMPT }, outcome),
      )
      // Ended elsewhere, as one that looked dead: what readers are told last is what they will find again.
      const elsewhere = stored ? null : await readStoredAnswer(tenantDb, runId)
      await log.append(elsewhere?.bodies ?? [endOf(outcome)])
    } catch (error) {
      // The sweep stores the same a little later; nobody has to wait for it.
      await log.append([endOf({ ...outcome, state: 'interrupted' })])
      throw error
    }
  } finally {
    release()
    await recorder.stop()
  }
}

const endOf = ({ state, abstained, model, usage, timings }: Outcome): RunEventBody => ({
  type: 'end',
  state,
  abstained,
  model: model ?? '',
  usage,
  timings,
})

interface Writer {
  readonly append: (body: RunEventBody) => Promise<void>
  readonly transcript: Transcript
  readonly signal: AbortSignal
}

/** Runs the agent to its end, to a stop or to a failure, and says how that is to be stored. */
const answer = async (deps: CoreDeps, actor: Actor, request: GenerationRequest, writer: Writer): Promise<Outcome> => {
  const tenantDb = deps.database.tenant(actor)
  const { transcript, signal } = writer
  try {
    const history = await readHistory(tenantDb, request.conversationId, request)
    const { maxSteps, maxSeconds, maxTokens } = deps.limits.run
    const result = await generateAnswer({
      model: deps.chatModel,
      tenantDb,
      embedder: await embedderOf(deps, actor.orgId),
      history,
      question: request.question,
      scope: request.scope,
      emit: writer.append,
      signal,
      budgets: { maxSteps, maxTokens, totalMs: maxSeconds * 1000 },
    })
    const { text, citations, abstained, usage, timings, failure } = result
    const state = signal.aborted ? stateAfter(signal.reason) : result.state
    return { state, text, citations, abstained, model: deps.chatModel.id, failure, usage, timings }
  } catch (error) {
    const state = signal.aborted ? stateAfter(signal.reason) : 'failed'
    if (state === 'failed') deps.logger.error({ err: error, runId: request.runId }, 'an answer failed')
    const failure = state === 'failed' ? failureOf(error) : null
    if (failure) await writer.append({ type: 'error', failure })
    return {
      state,
      text: transcript.text,
      citations: transcript.citations,
      abstained: false,
      model: deps.chatModel.id,
      failure,
      usage: NO_USAGE,
      timings: { firstTokenMs: null, totalMs: Math.round(performance.now() - request.startedAt) },
    }
  }
}

const stateAfter = (reason: StopReason): 'stopped' | 'interrupted' => (reason === 'stopped' ? 'stopped' : 'interrupted')

const failureOf = (error: unknown): RunFailure => {
  const code = error instanceof AppError ? error.code : 'internal'
  const { action } = ERRORS[code]
  // The message of an unknown error may quote anything, an address or a key of the provider among it.
  return { code, message: error instanceof AppError ? error.message : ERRORS.internal.message, action, retryable: true }
}

const storeEnd = async (deps: CoreDeps, store: () => Promise<boolean>): Promise<boolean> => {
  for (const waitMs of FINISH_RETRIES_MS) {
    try {
      return await store()
    } catch (err) {
      // What was refused for itself would be refused again.
      if (!(err instanceof AppError && err.code === 'unavailable')) throw err
      deps.logger.warn({ err }, 'the end of a run could not be stored; trying again')
      await delay(waitMs)
    }
  }
  return store()
}
