import { isStepCount, streamText } from 'ai'
import type { ModelMessage } from 'ai'
import type { Citation, FinishedStep, RunFailure, RunStep, Usage } from '@quarry/contracts'
import { addToolEvent } from '@quarry/contracts'
import type { ChatModel } from '../model/chat-model.ts'
import type { AnswerWriter, Emit } from './answer-writer.ts'
import type { AnswerBudgets } from './budgets.ts'
import type { Deadlines } from './deadlines.ts'
import { failureOf } from './failures.ts'
import type { LabelledPassage } from './finished-steps.ts'
import type { PassageRegistry } from './passage-registry.ts'
import { callSummary, isToolName, resultSummary } from './tool-summary.ts'
import { ToolRefusal } from './tool-refusal.ts'
import type { AnswerTools } from './tools.ts'

/** What an answer has come to. Shared by its calls of the model, and changed by them. */
export interface Progress {
  /** What the model is told after the question: the messages of the steps that are done. */
  readonly messages: ModelMessage[]
  readonly usage: { -readonly [Name in keyof Usage]: Usage[Name] }
  steps: readonly RunStep[]
  /** Labels that the steps which are done gave away. */
  labels: number
  firstTokenAt: number | null
  /** Readers have a word or a tool of a step that is not done. */
  shown: boolean
}

/** One step of the model: asked, and answered or not. What it was told and said is not part of it. */
export interface ModelCallReport {
  /** By `performance.now()`. */
  readonly startedAt: number
  readonly endedAt: number
  readonly inputTokens: number
  readonly outputTokens: number
  /** ok, or the code of its failure. */
  readonly outcome: string
}

export interface ModelCallDeps {
  readonly model: ChatModel
  readonly instructions: string
  /** History and question. */
  readonly question: readonly ModelMessage[]
  readonly tools: AnswerTools
  readonly passages: PassageRegistry
  readonly writer: AnswerWriter
  readonly deadlines: Deadlines
  readonly budgets: AnswerBudgets
  readonly emit: Emit
  readonly onStep: ((step: FinishedStep) => Promise<void> | void) | undefined
  readonly onModelCall: ((report: ModelCallReport) => void) | undefined
  readonly now: () => number
}

export interface ModelCallEnd {
  readonly failure: RunFailure | null
  /** What it threw, for the log. */
  readonly error: unknown
  /** Of the last step; null when the stream ended before it said so. */
  readonly finishReason: string | null
}

/** Parts of a stream that the model has no part in. */
const AFTER_MODEL: ReadonlySet<string> = new Set(['tool-result', 'tool-error', 'finish-step', 'finish'])
const codeOf = ({ code }: RunFailure): string => code

/**
 * Asks the model, from the steps that are done, until it answers or fails: each step's tools, then the next. Throws what
 * `emit` and `onStep` throw, and whatever the stream throws after an abort.
 */
export async function callModel(deps: ModelCallDeps, progress: Progress): Promise<ModelCallEnd> {
  const { budgets, deadlines, emit, writer } = deps
  const { usage } = progress
  const before = usage.steps
  const stepMessages: PromiseWithResolvers<readonly ModelMessage[]>[] = []
  const messagesOfStep = (step: number) => (stepMessages[step] ??= Promise.withResolvers<readonly ModelMessage[]>())
  const spent = () => usage.inputTokens + usage.outputTokens
  const tokensBefore = spent()
  const tokensOf = (
    steps: readonly { usage: { inputTokens?: number | undefined; outputTokens?: number | undefined } }[],
  ) => steps.reduce((sum, step) => sum + (step.usage.inputTokens ?? 0) + (step.usage.outputTokens ?? 0), tokensBefore)
  let failure: RunFailure | null = null
  let error: unknown = null
  let finishReason: string | null = null
  let reported = false

  const result = streamText({
    model: deps.model.model,
    instructions: deps.instructions,
    messages: [...deps.question, ...progress.messages],
    tools: deps.tools,
    stopWhen: [
      isStepCount(Math.max(1, budgets.maxSteps - before)),
      ({ steps }) => tokensOf(steps) >= budgets.maxTokens,
    ],
    prepareStep: ({ stepNumber, steps }) => ({
      maxOutputTokens: Math.max(1, Math.min(budgets.stepOutputTokens, budgets.maxTokens - tokensOf(steps))),
      ...(before + stepNumber >= budgets.maxSteps - 1 ? { toolChoice: 'none' as const } : {}),
    }),
    // Told to readers while it is waited for, so it is done by the caller.
    maxRetries: 0,
    abortSignal: deadlines.signal,
    // The error arrives as a part of the stream; the default would print it.
    onError: () => {},
    onStepEnd: ({ stepNumber, response }) => messagesOfStep(stepNumber).resolve(response.messages),
  })
  let step = 0
  // Its tools run before a step is over: it answered with its last part before theirs.
  let stepStartedAt = performance.now()
  let heardAt = stepStartedAt
  for await (const part of result.stream) {
    deadlines.heard()
    if (part.type === 'start-step') stepStartedAt = performance.now()
    if (!AFTER_MODEL.has(part.type)) heardAt = performance.now()
    if (part.type === 'text-delta') {
      progress.shown = true
      if (progress.firstTokenAt === null) {
        progress.firstTokenAt = deps.now()
        await emit({ type: 'status', status: 'writing' })
      }
      await writer.write(part.text)
    } else if (part.type === 'tool-call' && isToolName(part.toolName)) {
      progress.shown = true
      await emit({ type: 'status', status: part.toolName === 'read_document' ? 'reading' : 'searching' })
      await tool(part.toolCallId, part.toolName, 'call', callSummary(part.input))
    } else if (part.type === 'tool-result' && isToolName(part.toolName)) {
      await tool(part.toolCallId, part.toolName, 'result', resultSummary(part.output))
    } else if (part.type === 'tool-error' && isToolName(part.toolName)) {
      const summary = part.error instanceof ToolRefusal ? part.error.message : 'This step did not work.'
      await tool(part.toolCallId, part.toolName, 'error', summary)
    } else if (part.type === 'finish-step') {
      usage.inputTokens += part.usage.inputTokens ?? 0
      usage.outputTokens += part.usage.outputTokens ?? 0
      deps.onModelCall?.({
        startedAt: stepStartedAt,
        endedAt: heardAt,
        inputTokens: part.usage.inputTokens ?? 0,
        outputTokens: part.usage.outputTokens ?? 0,
        outcome: failure === null ? 'ok' : codeOf(failure),
      })
      reported = failure !== null
      // The SDK closes a step that broke, too; it is no step of the answer.
      if (failure !== null) continue
      usage.steps++
      finishReason = part.finishReason
      const ofStep = messagesOfStep(step++)
      if (part.finishReason === 'tool-calls') {
        await endStep(await unlessAborted(ofStep.promise, deadlines.signal))
        progress.shown = false
      }
    } else if (part.type === 'error') {
      failure = failureOf(part.error)
      error = part.error
    }
  }
  if (failure !== null && !reported)
    deps.onModelCall?.({
      ...{ startedAt: stepStartedAt, endedAt: heardAt, inputTokens: 0, outputTokens: 0 },
      outcome: codeOf(failure),
    })
  return { failure, error, finishReason: failure === null ? finishReason : null }

  async function tool(
    callId: string,
    name: RunStep['tool'],
    phase: 'call' | 'result' | 'error',
    summary: string,
  ): Promise<void> {
    const event = { type: 'tool', callId, tool: name, phase, summary } as const
    progress.steps = addToolEvent(progress.steps, event)
    await emit(event)
  }

  async function endStep(messages: readonly ModelMessage[]): Promise<void> {
    // A bracket that a step left open is closed by no other.
    await writer.end()
    // Words before a tool call and the answer after it are paragraphs of their own.
    if (writer.text !== '' && !writer.text.endsWith('\n\n')) await writer.write('\n\n')
    progress.messages.push(...messages)
    const passages: readonly LabelledPassage[] = deps.passages.after(progress.labels)
    progress.labels = deps.passages.size
    const citations: readonly Citation[] = writer.citations
    await deps.onStep?.({
      ...{ type: 'step', messages, passages, citations },
      ...{ text: writer.text, steps: progress.steps, usage: { ...usage } },
    })
  }
}

/** The same promise; rejects when `signal` aborts first. */
const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
