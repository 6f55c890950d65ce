import { isStepCount, streamText } from 'ai'
import type { LanguageModelUsage, ModelMessage } from 'ai'
import type { Citation, MessageState, RunEventBody, RunFailure, Timings, Usage } from '@quarry/contracts'
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
import { instructionsFor } from './instructions.ts'
import { PassageRegistry } from './passage-registry.ts'
import { callSummary, isToolName, resultSummary } from './tool-summary.ts'
import { ToolRefusal } from './tool-refusal.ts'
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
  /** Told the error behind a `failure`, for the log: its text may hold what the provider said. */
  readonly onError?: (error: unknown) => void
  /** Milliseconds since the epoch; timings count from the first call. */
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
/** A hiccup of the provider is worth one more try; more would outlast the reader's patience. */
const MAX_RETRIES = 1

/**
 * Answers a question from the documents in the scope: an agent loop over the tools of tools.ts. Never throws for the
 * model's or the database's reasons: they end in `failure`, with the partial text.
 */
export async function generateAnswer(request: AnswerRequest): Promise<AnswerResult> {
  const { model, tenantDb, scope, signal } = request
  const now = request.now ?? Date.now
  const budgets = { ...DEFAULT_BUDGETS, ...request.budgets }
  const startedAt = now()
  const refusals: unknown[] = []
  const emit = async (body: RunEventBody) => {
    try {
      await request.emit(body)
    } catch (error) {
      refusals.push(error)
      throw error
    }
  }
  const passages = new PassageRegistry()
  const writer = new AnswerWriter(new CitationResolver(tenantDb, passages), emit)
  using deadlines = new Deadlines(signal, budgets.totalMs, budgets.idleMs)
  const usage = { inputTokens: 0, outputTokens: 0, steps: 0 }
  let firstTokenMs: number | null = null
  let failure: RunFailure | null = null
  let finishReason: string | null = null

  await emit({ type: 'status', status: 'started' })
  const result = streamText({
    model: model.model,
    instructions: instructionsFor(new Date(startedAt)),
    messages: messagesOf(request.history, request.question),
    tools: createTools({ tenantDb, embedder: request.embedder ?? null, scope, passages, budgets }),
    stopWhen: [isStepCount(budgets.maxSteps), ({ steps }) => tokensOf(steps) >= budgets.maxTokens],
    prepareStep: ({ stepNumber, steps }) => ({
      maxOutputTokens: Math.min(budgets.stepOutputTokens, budgets.maxTokens - tokensOf(steps)),
      ...(stepNumber >= budgets.maxSteps - 1 ? { toolChoice: 'none' as const } : {}),
    }),
    maxRetries: MAX_RETRIES,
    abortSignal: deadlines.signal,
    // The error arrives as a part of the stream; the default would print it.
    onError: () => {},
  })
  try {
    for await (const part of result.stream) {
      deadlines.heard()
      if (part.type === 'text-delta') {
        if (firstTokenMs === null) {
          firstTokenMs = now() - startedAt
          await emit({ type: 'status', status: 'writing' })
        }
        await writer.write(part.text)
      } else if (part.type === 'tool-call' && isToolName(part.toolName)) {
        await emit({ type: 'status', status: part.toolName === 'read_document' ? 'reading' : 'searching' })
        await emit({
          type: 'tool',
          callId: part.toolCallId,
          tool: part.toolName,
          phase: 'call',
          summary: callSummary(part.input),
        })
      } else if (part.type === 'tool-result' && isToolName(part.toolName)) {
        await emit({
          type: 'tool',
          callId: part.toolCallId,
          tool: part.toolName,
          phase: 'result',
          summary: resultSummary(part.output),
        })
      } else if (part.type === 'tool-error' && isToolName(part.toolName)) {
        const summary = part.error instanceof ToolRefusal ? part.error.message : 'This step did not work.'
        await emit({ type: 'tool', callId: part.toolCallId, tool: part.toolName, phase: 'error', summary })
      } else if (part.type === 'finish-step') {
        usage.steps++
        usage.inputTokens += part.usage.inputTokens ?? 0
        usage.outputTokens += part.usage.outputTokens ?? 0
        finishReason = part.finishReason
        // Words before a tool call and the answer after it are paragraphs of their own.
        if (part.finishReason === 'tool-calls' && writer.text !== '') await writer.write('\n\n')
      } else if (part.type === 'error') {
        failure = failureOf(part.error)
        request.onError?.(part.error)
      }
    }
    await writer.end()
  } catch (error) {
    if (refusals.includes(error)) throw error
    if (!deadlines.signal.aborted) request.onError?.(error)
    failure = failureOf(error)
  }

  const stopped = signal.aborted
  if (!stopped)
    failure =
      deadlines.failure() ??
      failure ??
      endFailure(finishReason, writer.text, usage.inputTokens + usage.outputTokens >= budgets.maxTokens)
  else failure = null
  if (failure) await emit({ type: 'error', failure })
  return {
    text: writer.text.trimEnd(),
    citations: writer.citations,
    abstained: writer.abstained,
    usage,
    timings: { firstTokenMs, totalMs: now() - startedAt },
    state: stopped ? 'stopped' : failure === null ? 'complete' : writer.text === '' ? 'failed' : 'interrupted',
    failure,
  }
}

/** Input and output tokens that these steps took; a provider that does not count has none. */
const tokensOf = (steps: readonly { readonly usage: LanguageModelUsage }[]): number =>
  steps.reduce((sum, { usage }) => sum + (usage.inputTokens ?? 0) + (usage.outputTokens ?? 0), 0)

/** What a stream that ended by itself lacks, if anything. */
function endFailure(finishReason: string | null, text: string, outOfTokens: boolean): RunFailure | null {
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
    .map(({ role, text }) => ({ role, content: text.replace(/\s?\[\^\d+\]/g, '').slice(0, MAX_TURN_CHARS) }))
    .filter(({ content }) => content.trim() !== '')
  return [...turns, { role: 'user', content: question }]
}
