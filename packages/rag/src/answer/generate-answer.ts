import { setTimeout as delay } from 'node:timers/promises'
import type { Citation, FinishedStep, MessageState, RunEventBody, RunFailure, Timings, Usage } from '@quarry/contracts'
import type { TenantDb } from '@quarry/db'
import type { QueryEmbedder } from '../embed/query-embedder.ts'
import type { ChatModel } from '../model/chat-model.ts'
import { AnswerWriter } from './answer-writer.ts'
import type { Emit } from './answer-writer.ts'
import { DEFAULT_BUDGETS } from './budgets.ts'
import type { AnswerBudgets } from './budgets.ts'
import { CitationResolver } from './citation-resolver.ts'
import { Deadlines } from './deadlines.ts'
import { failureOf, runFailure } from './failures.ts'
import { readFinishedSteps } from './finished-steps.ts'
import { instructionsFor } from './instructions.ts'
import { callModel } from './model-call.ts'
import type { ModelCallEnd, ModelCallReport, Progress } from './model-call.ts'
import type { ModelMessage } from './model-message.ts'
import { pauseBeforeRetry } from './model-retries.ts'
import { PassageRegistry } from './passage-registry.ts'
import { createTools } from './tools.ts'
import type { AnswerScope } from './scope.ts'

/** An earlier message of the conversation, as it was shown. */
export interface Turn {
  readonly role: 'user' | 'assistant'
  readonly text: string
}

export interface AnswerRequest {
  readonly model: ChatModel
  readonly tenantDb: TenantDb
  /** Gives meaning a share in searching; left out or null: words alone. */
  readonly embedder?: QueryEmbedder | null
  /** Oldest first, without the question. */
  readonly history: readonly Turn[]
  readonly question: string
  readonly scope: AnswerScope
  /** Called in order, one at a time, for every event but `end`. When it throws (a lost lease), the run ends with that. */
  readonly emit: Emit
  /** Aborting stops the run; what was written until then is kept. */
  readonly signal: AbortSignal
  readonly budgets?: Partial<AnswerBudgets>
  /**
   * Steps that an earlier attempt finished, oldest first: the model goes on after them, and nothing of theirs is done or
   * emitted again. Their text, citations and usage are part of the result.
   */
  readonly resume?: readonly FinishedStep[]
  /** Called after each step that used tools, when all of its events are out. When it throws, the run ends with that. */
  readonly onStep?: (step: FinishedStep) => Promise<void> | void
  /** Told of each step of the model when it is over. */
  readonly onModelCall?: (report: ModelCallReport) => void
  /** Told the error behind a `failure`, for the log: its text may hold what the provider said. */
  readonly onError?: (error: unknown) => void
  /** Milliseconds since the epoch when the question was accepted, which timings count from; left out: now. */
  readonly startedAt?: number
  /** Milliseconds since the epoch. */
  readonly now?: () => number
}

export interface AnswerResult {
  /** Markdown with `[^n]` markers. */
  readonly text: string
  readonly citations: readonly Citation[]
  /** The documents do not answer the question, and the answer says so; it may still cite what comes nearest. */
  readonly abstained: boolean
  readonly usage: Usage
  readonly timings: Timings
  readonly state: Exclude<MessageState, 'streaming'>
  readonly failure: RunFailure | null
}

/** Turns of the past that a model is shown, and their size: what matters of a long conversation is its end. */
const MAX_TURNS = 12
const MAX_TURN_CHARS = 4000

/**
 * Answers a question from the documents in the scope: an agent loop over the tools of tools.ts. Never throws for the
 * model's or the database's reasons: they end in `failure`, with the partial text.
 */
export async function generateAnswer(request: AnswerRequest): Promise<AnswerResult> {
  const { model, tenantDb, scope, signal, resume = [] } = request
  const now = request.now ?? Date.now
  const budgets = { ...DEFAULT_BUDGETS, ...request.budgets }
  const startedAt = request.startedAt ?? now()
  const refusals: unknown[] = []
  const refusable =
    <T>(call: (what: T) => Promise<void> | void) =>
    async (what: T) => {
      try {
        await call(what)
      } catch (error) {
        refusals.push(error)
        throw error
      }
    }
  const emit = refusable<RunEventBody>(request.emit)
  const done = readFinishedSteps(resume)
  const shown = resume.at(-1)
  const passages = new PassageRegistry(done.passages)
  const writer = new AnswerWriter(new CitationResolver(tenantDb, passages, shown?.citations), emit, shown?.text)
  using deadlines = new Deadlines(signal, budgets.totalMs, budgets.idleMs)
  const progress: Progress = {
    messages: [...done.messages],
    usage: { ...(shown?.usage ?? { inputTokens: 0, outputTokens: 0, steps: 0 }) },
    steps: shown?.steps ?? [],
    labels: passages.size,
    firstTokenAt: null,
    shown: false,
  }
  const { usage } = progress
  let failure: RunFailure | null = null

  await emit({ type: 'status', status: 'started' })
  const call = {
    ...{ model, passages, writer, deadlines, budgets, emit, now },
    instructions: instructionsFor(new Date(startedAt)),
    question: messagesOf(request.history, request.question),
    tools: createTools({ tenantDb, embedder: request.embedder ?? null, scope, passages, budgets }),
    onStep: request.onStep && refusable(request.onStep),
    refused: (error: unknown) => refusals.includes(error),
    onModelCall: request.onModelCall,
  }
  try {
    for (let tries = 0; ; tries++) {
      const stepsBefore = usage.steps
      const end = await callModel(call, progress).catch((error: unknown): ModelCallEnd => {
        if (refusals.includes(error) || deadlines.signal.aborted) throw error
        return { failure: failureOf(error), error, finishReason: null }
      })
      const spentAll = usage.inputTokens + usage.outputTokens >= budgets.maxTokens
      failure = end.failure ?? endFailure(end, writer.text, spentAll)
      if (end.error !== null) request.onError?.(end.error)
      // What got ahead has all its tries again.
      if (usage.steps > stepsBefore) tries = 0
      const pauseMs = failure === null || progress.shown ? null : pauseBeforeRetry(failure, end.error, tries)
      if (pauseMs === null || deadlines.signal.aborted) break
      await emit({ type: 'status', status: 'waiting' })
      deadlines.pause()
      await delay(pauseMs, undefined, { signal: deadlines.signal })
      deadlines.heard()
    }
    await writer.end()
  } catch (error) {
    if (refusals.includes(error)) throw error
    if (!deadlines.signal.aborted) request.onError?.(error)
    failure = failureOf(error)
  }

  const stopped = signal.aborted
  failure = stopped ? null : (deadlines.failure() ?? failure)
  if (failure) await emit({ type: 'error', failure })
  return {
    text: writer.text.trimEnd(),
    citations: writer.citations,
    abstained: writer.abstained,
    usage,
    timings: {
      firstTokenMs: progress.firstTokenAt === null ? null : Math.max(0, progress.firstTokenAt - startedAt),
      totalMs: Math.max(0, now() - startedAt),
    },
    state: stopped ? 'stopped' : failure === null ? 'complete' : writer.text === '' ? 'failed' : 'interrupted',
    failure,
  }
}

/** What a stream that ended by itself lacks, if anything. */
function endFailure({ finishReason }: ModelCallEnd, text: string, outOfTokens: boolean): RunFailure | null {
  if (finishReason === 'content-filter') return runFailure('content_filtered')
  if (finishReason === 'length') return runFailure('token_budget')
  if (finishReason === 'tool-calls') return runFailure(outOfTokens ? 'token_budget' : 'step_budget')
  // The body ended without saying why: a proxy or a crash cut it off.
  if (finishReason !== 'stop') return runFailure('model_interrupted')
  return text.trim() === '' ? runFailure('empty_answer') : null
}

/** Markers of earlier answers number other sources: the model must not see them as labels. */
function messagesOf(history: readonly Turn[], question: string): ModelMessage[] {
  const turns = history
    .slice(-MAX_TURNS)
    .map(({ role, text }) => ({ role, text: text.replace(/\s?\[\^\d+\]/g, '').slice(0, MAX_TURN_CHARS) }))
    .filter(({ text }) => text.trim() !== '')
  return [...turns, { role: 'user' as const, text: question }].map(({ role, text }) => ({
    role,
    content: [{ type: 'text', text }],
  }))
}
