import type {
  LanguageModelV4CallOptions,
  LanguageModelV4FinishReason,
  LanguageModelV4StreamPart,
  LanguageModelV4ToolCallPart,
  LanguageModelV4Usage,
  SharedV4ProviderMetadata,
} from '@ai-sdk/provider'
import type { ChatModel } from '../model/chat-model.ts'
import type { ModelMessage } from './model-message.ts'

type AssistantMessage = Extract<ModelMessage, { role: 'assistant' }>
type Said = AssistantMessage['content'][number]

/** Told of a step while it is read. The next part is taken when they have resolved. */
export interface StepListener {
  /** Any sign of life. */
  readonly onPart: () => void
  readonly onText: (delta: string) => Promise<void>
  readonly onToolCall: (call: LanguageModelV4ToolCallPart) => Promise<void>
}

export interface ModelStep {
  /** What the model said, thought and called, as it wants to be told it again. Null where it was nothing. */
  readonly message: AssistantMessage | null
  /** Null when the stream ended before it said so. */
  readonly finishReason: LanguageModelV4FinishReason['unified'] | null
  readonly usage: LanguageModelV4Usage | null
  /** A fault that the provider reported inside the stream. */
  readonly error: { readonly cause: unknown } | null
}

/**
 * Asks the model for one step and reads it as it comes. Read here rather than by the AI SDK's `streamText`, which sends
 * each part through many web streams: a seventh of what an answer cost a replica. Throws what the provider throws before its
 * stream begins or breaks, the reason of the signal after an abort, and what the listener throws.
 */
export async function readStep(
  { model }: ChatModel,
  options: LanguageModelV4CallOptions,
  { onPart, onText, onToolCall }: StepListener,
): Promise<ModelStep> {
  const said: Said[] = []
  let end: Extract<LanguageModelV4StreamPart, { type: 'finish' }> | null = null
  let error: ModelStep['error'] = null
  const { stream } = await model.doStream(options)
  for await (const part of stream) {
    options.abortSignal?.throwIfAborted()
    onPart()
    if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
      addDelta(said, part.type === 'text-delta' ? 'text' : 'reasoning', part.delta)
      if (part.type === 'text-delta') await onText(part.delta)
    } else if (part.type === 'text-end' || part.type === 'reasoning-end') withOptions(said, part.providerMetadata)
    else if (part.type === 'tool-call') {
      const { toolCallId, toolName, input, providerMetadata } = part
      const call = { type: part.type, toolCallId, toolName, input: jsonOf(input), ...optionsOf(providerMetadata) }
      said.push(call)
      await onToolCall(call)
    } else if (part.type === 'error') error = { cause: part.error }
    else if (part.type === 'finish') end = part
  }
  const content = said.filter((part) => !('text' in part) || part.text !== '')
  return {
    message: content.length === 0 ? null : { role: 'assistant', content },
    error,
    finishReason: end?.finishReason.unified ?? null,
    usage: end?.usage ?? null,
  }
}

function addDelta(said: Said[], type: 'text' | 'reasoning', delta: string): void {
  const last = said.at(-1)
  if (last?.type === type) last.text += delta
  else said.push({ type, text: delta })
}

/** To the part that has just ended. */
function withOptions(said: readonly Said[], metadata: SharedV4ProviderMetadata | undefined): void {
  const last = said.at(-1)
  if (last !== undefined) Object.assign(last, optionsOf(metadata))
}

/** What a provider said of a part it gets back with the part. */
const optionsOf = (metadata: SharedV4ProviderMetadata | undefined) =>
  metadata === undefined ? {} : { providerOptions: metadata }

/** Arguments as they were meant, or, where they are no JSON, as they came. Nothing at all where all may be left out. */
function jsonOf(text: string): unknown {
  try {
    return text.trim() === '' ? {} : JSON.parse(text)
  } catch {
    return text
  }
}
