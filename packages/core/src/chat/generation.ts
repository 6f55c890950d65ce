import {
  AppError,
  ERRORS,
  type Actor,
  type MessageId,
  type ConversationId,
  type FinishedStep,
  type RunEventBody,
  type RunFailure,
  type RunId,
} from '@quarry/contracts'
import { createNotes, requestContext, withRequestContext } from '@quarry/observability'
import { generateAnswer } from '@quarry/rag/answering'
import type { Scope } from '../access/require-scope.ts'
import type { CoreDeps } from '../context.ts'
import { embedderOf } from '../flags/embedder-of.ts'
import { createCoalescedLog, type CoalescedLog } from './coalesced-log.ts'
import { endRun, finishUnheard } from './end-run.ts'
import type { Outcome, RunRow } from './finish.ts'
import { readHistory } from './history.ts'
import { freeLease, onStopSignal } from './lease.ts'
import { observeAnswerEnd, observeModelCalls } from '../observe/observed-answer.ts'
import { addLiveRun, isCrowded, type StopReason } from './live-runs.ts'
import { PartRecorder } from './part-recorder.ts'
import { NOTHING_YET, resetTo, shownAfter, usageOf, type RunState } from './run-state.ts'
import { storable } from './storable.ts'
import { Transcript } from './transcript.ts'

export interface GenerationRequest {
  readonly runId: RunId
  readonly conversationId: ConversationId
  readonly userMessageId: MessageId
  readonly messageId: MessageId
  readonly question: string
  readonly scope: Scope
  readonly requestId: string
  /** Milliseconds since the epoch when the question was accepted. */
  readonly askedAt: number
  /** The fencing token: the row has it, and this process as its holder. */
  readonly attempt: number
  /** What to go on from; null for a question that nobody has begun with. */
  readonly resume: Omit<RunState, 'shown'> | null
}

/** Starts an answer that goes on whoever listens, until its end is in the database and in the log. */
export const startGeneration = (deps: CoreDeps, actor: Actor, request: GenerationRequest): void => {
  const controller = new AbortController()
  const { runId } = request
  const span = requestContext()?.span?.child('invoke_agent quarry', 'internal', {
    'gen_ai.operation.name': 'invoke_agent',
    'quarry.run_id': runId,
  })
  const frame = { requestId: request.requestId, orgId: actor.orgId, notes: createNotes(), ...(span && { span }) }
  const ended = withRequestContext(frame, () =>
    generate(deps, actor, request, controller).catch((err: unknown) =>
      deps.logger.error({ err, runId }, 'a run could not be ended here; another attempt follows'),
    ),
  )
  addLiveRun({ processId: deps.processId, runId, stop: (reason) => controller.abort(reason), ended })
  // It was taken a moment too late.
  if (deps.shutdown.aborted) controller.abort('shutdown' satisfies StopReason)
}

const generate = async (
  deps: CoreDeps,
  actor: Actor,
  request: GenerationRequest,
  controller: AbortController,
): Promise<void> => {
  const tenantDb = deps.database.tenant(actor)
  const { runId, attempt, resume } = request
  const row: RunRow = { ...request, ownerId: actor.id ?? '' }
  const lease = { runId, attempt, holder: deps.processId }
  const lose = () => controller.abort('lost' satisfies StopReason)
  const stop = () => controller.abort('stopped' satisfies StopReason)
  const hearNoMore = onStopSignal(deps.signals, actor.orgId, runId, stop)
  const { finished, lastEventId, nextOrdinal } = resume ?? NOTHING_YET
  const recorder = new PartRecorder(
    tenantDb,
    { ...lease, ownerId: row.ownerId },
    {
      nextOrdinal,
      onError: (err) =>
        deps.logger.warn({ err, runId }, 'a heartbeat of a run, or parts of it, could not be stored yet'),
      onLost: lose,
      onStopWanted: stop,
    },
  )
  try {
    const writer = await deps.runLog.open({ orgId: actor.orgId, runId }, attempt, lastEventId).catch(isTaken)
    // Readers were told of an end that could not be stored, or a newer attempt has the log: the row knows which.
    if (writer === null) return void (await finishUnheard(deps, tenantDb, row, 'interrupted'))
    const log = createCoalescedLog(
      writer,
      (events) => {
        for (const event of events) recorder.add(event)
      },
      lose,
      isCrowded,
    )
    const transcript = new Transcript()
    const append = (body: RunEventBody): Promise<void> => {
      transcript.add(body)
      return log.append(body)
    }
    if (resume !== null) {
      await append(resetTo(shownAfter(finished)))
      await recorder.flush()
    }
    const outcome = await answer(deps, actor, request, { append, log, recorder, transcript, signal: controller.signal })
    const end = typeof outcome === 'string' ? { state: outcome, failure: null } : endOf(outcome)
    observeAnswerEnd({ metrics: deps.metrics, logger: deps.logger, model: deps.chatModel.id }, runId, end)
    if (outcome === 'lost') return
    await log.flush()
    if (outcome === 'shutdown') {
      await recorder.stop()
      return await freeLease(tenantDb, lease)
    }
    await recorder.settle()
    await endRun(deps, tenantDb, row, storable(outcome), (bodies) => writer.append(bodies))
    await recorder.end()
  } catch (error) {
    // A newer attempt writes: what this one has to say is nobody's business any more.
    if (isTaken(error) === null) return
    throw error
  } finally {
    hearNoMore()
    await recorder.stop()
  }
}

const endOf = ({ state, failure, usage, timings }: Outcome) => ({
  state,
  failure: failure?.code ?? null,
  usage,
  timings,
})

/** Null for what a log says to an attempt that is not its own any more. Throws everything else. */
const isTaken = (error: unknown): null => {
  if (error instanceof AppError && error.code === 'conflict') return null
  throw error
}

interface Writing {
  readonly append: (body: RunEventBody) => Promise<void>
  readonly log: CoalescedLog
  readonly recorder: PartRecorder
  readonly transcript: Transcript
  readonly signal: AbortSignal
}

/** Runs the agent to its end, to a stop or to a failure, and says how that is to be stored, if it is. */
const answer = async (
  deps: CoreDeps,
  actor: Actor,
  request: GenerationRequest,
  { append, log, recorder, transcript, signal }: Writing,
): Promise<Outcome | 'lost' | 'shutdown'> => {
  const tenantDb = deps.database.tenant(actor)
  const finished: FinishedStep[] = [...(request.resume?.finished ?? [])]
  const model = deps.chatModel.id
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
      resume: finished.slice(),
      startedAt: request.askedAt,
      emit: append,
      onStep: async (step) => {
        // So that the step stands after its events, which say what readers have of it.
        await log.flush()
        finished.push(step)
        recorder.addStep(step)
      },
      onModelCall: observeModelCalls({ metrics: deps.metrics, prices: deps.tokenPrices, model }),
      onError: (err) => deps.logger.warn({ err, runId: request.runId }, 'the model failed'),
      signal,
      budgets: { maxSteps, maxTokens, totalMs: maxSeconds * 1000 },
    })
    const left = leftTo(signal)
    if (left !== null) return left
    const { text, citations, abstained, usage, timings, failure } = result
    return {
      state: signal.aborted ? 'stopped' : result.state,
      text,
      citations,
      abstained,
      model,
      failure,
      usage,
      timings,
    }
  } catch (error) {
    const left = leftTo(signal)
    if (left !== null) return left
    const state = signal.aborted ? 'stopped' : 'failed'
    if (state === 'failed') deps.logger.error({ err: error, runId: request.runId }, 'an answer failed')
    const failure = state === 'failed' ? failureOf(error) : null
    if (failure) await append({ type: 'error', failure })
    const timings = { firstTokenMs: null, totalMs: Math.max(0, Date.now() - request.askedAt) }
    const { text, citations } = transcript
    return { state, text, citations, abstained: false, model, failure, usage: usageOf(finished), timings }
  }
}

/** Whose the rest is, where it is not this attempt's to say how the answer ended. */
const leftTo = (signal: AbortSignal): 'lost' | 'shutdown' | null => {
  const reason: StopReason | null = signal.aborted ? signal.reason : null
  return reason === 'lost' || reason === 'shutdown' ? reason : null
}

const failureOf = (error: unknown): RunFailure => {
  const code = error instanceof AppError ? error.code : 'internal'
  const { action } = ERRORS[code]
  // The message of an unknown error may quote anything, an address or a key of the provider among it.
  return { code, message: error instanceof AppError ? error.message : ERRORS.internal.message, action, retryable: true }
}
