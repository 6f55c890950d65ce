import type { JSONValue, LanguageModelV4ToolCallPart, LanguageModelV4ToolResultPart } from '@ai-sdk/provider'
import type { Citation, FinishedStep, RunFailure, RunStep, Usage } from '@quarry/contracts'
import { addToolEvent } from '@quarry/contracts'
import type { ChatModel } from '../model/chat-model.ts'
import type { AnswerWriter, Emit } from './answer-writer.ts'
import type { AnswerBudgets } from './budgets.ts'
import type { Deadlines } from './deadlines.ts'
import { failureOf } from './failures.ts'
import type { LabelledPassage } from './finished-steps.ts'
import type { PassageRegistry } from './passage-registry.ts'
import type { ModelMessage } from './model-message.ts'
import { readStep, type ModelStep } from './model-step.ts'
import { callSummary, isToolName, resultSummary } from './tool-summary.ts'
import { ToolRefusal } from './tool-refusal.ts'
import { FUNCTION_TOOLS, type AnswerTools } from './tools.ts'

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
  /** Whether an error is what `emit` or `onStep` threw. */
  readonly refused: (error: unknown) => boolean
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

/**
 * Asks the model, from the steps that are done, until it answers or fails: each step's tools, then the next. Throws what
 * `emit` and `onStep` throw, and what the provider throws.
 */
export async function callModel(deps: ModelCallDeps, progress: Progress): Promise<ModelCallEnd> {
  const { budgets, deadlines } = deps
  const { usage } = progress
  const spent = () => usage.inputTokens + usage.outputTokens
  for (;;) {
    const running: Promise<ToolEnd>[] = []
    const startedAt = performance.now()
    const step = await readStep(
      deps.model,
      {
        prompt: [{ role: 'system', content: deps.instructions }, ...deps.question, ...progress.messages],
        tools: FUNCTION_TOOLS,
        toolChoice: { type: usage.steps >= budgets.maxSteps - 1 ? 'none' : 'auto' },
        maxOutputTokens: Math.max(1, Math.min(budgets.stepOutputTokens, budgets.maxTokens - spent())),
        abortSignal: deadlines.signal,
      },
      {
        onPart: () => deadlines.heard(),
        onText: (delta) => writeText(deps, progress, delta),
        // Tools begin while the model still calls others.
        onToolCall: async (call) => {
          await tellToolCall(deps, progress, call)
          running.push(runTool(deps.tools, call))
        },
      },
    ).catch((error: unknown) => {
      if (deps.refused(error)) throw error
      if (deadlines.signal.aborted) return null
      report(deps, startedAt, null, failureOf(error))
      throw error
    })
    // What was said until then stands; the deadlines know what ended it.
    if (step === null) return { failure: null, error: null, finishReason: null }
    usage.inputTokens += step.usage?.inputTokens.total ?? 0
    usage.outputTokens += step.usage?.outputTokens.total ?? 0
    const failure = step.error && failureOf(step.error.cause)
    report(deps, startedAt, step, failure)
    if (failure !== null) return { failure, error: step.error?.cause, finishReason: null }
    usage.steps++
    if (running.length === 0) return { failure: null, error: null, finishReason: step.finishReason }
    const results = await resultsOf(deps, progress, running)
    await endStep(deps, progress, [...(step.message ? [step.message] : []), { role: 'tool', content: results }])
    progress.shown = false
    if (usage.steps >= Math.max(1, budgets.maxSteps) || spent() >= budgets.maxTokens)
      return { failure: null, error: null, finishReason: 'tool-calls' }
  }
}

const report = (
  { onModelCall }: ModelCallDeps,
  startedAt: number,
  step: ModelStep | null,
  failure: RunFailure | null,
): void =>
  onModelCall?.({
    ...{ startedAt, endedAt: performance.now(), outcome: failure?.code ?? 'ok' },
    inputTokens: step?.usage?.inputTokens.total ?? 0,
    outputTokens: step?.usage?.outputTokens.total ?? 0,
  })

async function writeText({ emit, writer, now }: ModelCallDeps, progress: Progress, delta: string): Promise<void> {
  progress.shown = true
  if (progress.firstTokenAt === null) {
    progress.firstTokenAt = now()
    await emit({ type: 'status', status: 'writing' })
  }
  await writer.write(delta)
}

async function tellToolCall(
  deps: ModelCallDeps,
  progress: Progress,
  { toolCallId, toolName, input }: LanguageModelV4ToolCallPart,
): Promise<void> {
  if (!isToolName(toolName)) return
  progress.shown = true
  await deps.emit({ type: 'status', status: toolName === 'read_document' ? 'reading' : 'searching' })
  await tellTool(deps, progress, { toolCallId, toolName }, 'call', callSummary(input))
}

interface ToolEnd {
  readonly call: Pick<LanguageModelV4ToolCallPart, 'toolCallId' | 'toolName'>
  /** As the model is told it. */
  readonly output: LanguageModelV4ToolResultPart['output']
  /** For the reader, in words. */
  readonly summary: string
  readonly phase: 'result' | 'error'
}

/** Never rejects: the model is told that it did not work, and may try something else. */
async function runTool(tools: AnswerTools, call: LanguageModelV4ToolCallPart): Promise<ToolEnd> {
  try {
    if (!isToolName(call.toolName)) throw new ToolRefusal(`There is no tool named ${call.toolName}.`)
    const value = await tools[call.toolName].execute(call.input)
    return { call, phase: 'result', output: { type: 'json', value: value as JSONValue }, summary: resultSummary(value) }
  } catch (error) {
    const summary = error instanceof ToolRefusal ? error.message : 'This step did not work.'
    return { call, phase: 'error', output: { type: 'error-text', value: summary }, summary }
  }
}

/** What the tools answered, in the order of the calls, told to readers as they come. */
async function resultsOf(deps: ModelCallDeps, progress: Progress, running: readonly Promise<ToolEnd>[]) {
  const results = []
  for (const tool of running) {
    const { call, output, phase, summary } = await unlessAborted(tool, deps.deadlines.signal)
    deps.deadlines.heard()
    const { toolCallId, toolName } = call
    if (isToolName(toolName)) await tellTool(deps, progress, { toolCallId, toolName }, phase, summary)
    results.push({ type: 'tool-result' as const, toolCallId, toolName, output })
  }
  return results
}

async function tellTool(
  { emit }: ModelCallDeps,
  progress: Progress,
  { toolCallId: callId, toolName: tool }: { readonly toolCallId: string; readonly toolName: RunStep['tool'] },
  phase: 'call' | 'result' | 'error',
  summary: string,
): Promise<void> {
  const event = { type: 'tool', callId, tool, phase, summary } as const
  progress.steps = addToolEvent(progress.steps, event)
  await emit(event)
}

async function endStep(
  { writer, passages, onStep }: ModelCallDeps,
  progress: Progress,
  messages: readonly ModelMessage[],
): Promise<void> {
  // A bracket that a step left open is closed by no other.
  await writer.end()
  // Words before a tool call and the answer after it are paragraphs of their own.
  if (writer.text !== '' && !writer.text.endsWith('\n\n')) await writer.write('\n\n')
  progress.messages.push(...messages)
  const shown: readonly LabelledPassage[] = passages.after(progress.labels)
  progress.labels = passages.size
  const citations: readonly Citation[] = writer.citations
  await onStep?.({
    ...{ type: 'step', messages, passages: shown, citations },
    ...{ text: writer.text, steps: progress.steps, usage: { ...progress.usage } },
  })
}

/** The same promise; rejects when `signal` aborts first. */
const unlessAborted = <T>(promise: Promise<T>, signal: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
