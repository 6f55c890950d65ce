import type { JSONValue, LanguageModelV4Message, SharedV4ProviderOptions } from '@ai-sdk/provider'
import { z } from 'zod'

/** A message as providers of the AI SDK take it (LanguageModelV4Prompt): instructions, question, what was said and done. */
export type ModelMessage = LanguageModelV4Message

const json: z.ZodType<JSONValue> = z.json()
/** What a provider wants to have back with a part, such as the signature of a thought. */
const providerOptions = z.exactOptional(
  z.custom<SharedV4ProviderOptions>(
    (value) => z.record(z.string(), z.record(z.string(), z.json())).safeParse(value).success,
  ),
)

const text = z.object({ type: z.literal('text'), text: z.string(), providerOptions })
const reasoning = z.object({ type: z.literal('reasoning'), text: z.string(), providerOptions })
const call = { toolCallId: z.string(), toolName: z.string(), providerOptions }
const toolCall = z.object({ type: z.literal('tool-call'), ...call, input: z.unknown() })
const output = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['text', 'error-text']), value: z.string() }),
  z.object({ type: z.enum(['json', 'error-json']), value: json }),
])
const toolResult = z.object({ type: z.literal('tool-result'), ...call, output })

/** The messages of a step that was finished: what the model said and called, and what the tools answered. */
export const modelMessage: z.ZodType<ModelMessage> = z.discriminatedUnion('role', [
  z.object({
    role: z.literal('assistant'),
    content: z.array(z.discriminatedUnion('type', [text, reasoning, toolCall])),
  }),
  z.object({ role: z.literal('tool'), content: z.array(toolResult) }),
])
