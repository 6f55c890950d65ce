import type { LanguageModelV4FunctionTool, LanguageModelV4Prompt } from '@ai-sdk/provider'
import { z } from 'zod'
import { ToolRefusal } from './tool-refusal.ts'

/** What a model is told of a tool, and what its arguments have to be. */
export interface ToolDescription<Input> {
  readonly description: string
  readonly input: z.ZodType<Input>
}

/** A tool of a run. `execute` gets what `input` made of the arguments; what it throws as ToolRefusal the model may read. */
export interface AgentTool {
  readonly execute: (json: string) => Promise<unknown>
}

type Message = LanguageModelV4Prompt[number]
type ToolPart = Extract<Message, { role: 'tool' }>['content'][number]
/** What a tool call came to, as the model is told it. */
export type ToolOutput = Extract<ToolPart, { type: 'tool-result' }>['output']

/** A tool as the model gets it: arguments as JSON Schema, draft 7, which every provider takes. */
export const functionTool = (
  name: string,
  { description, input }: ToolDescription<unknown>,
): LanguageModelV4FunctionTool => {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { target: 'draft-7', io: 'input' })
  return { type: 'function', name, description, inputSchema: { ...schema, additionalProperties: false } as never }
}

export const agentTool = <Input>(
  { input }: ToolDescription<Input>,
  execute: (input: Input) => Promise<unknown>,
): AgentTool => ({
  execute: async (json) => execute(readArguments(input, json)),
})

/** Throws ToolRefusal in words that a model can act on. */
const readArguments = <Input>(schema: z.ZodType<Input>, json: string): Input => {
  let value: unknown
  try {
    // Models send nothing at all where every argument may be left out.
    value = json.trim() === '' ? {} : JSON.parse(json)
  } catch {
    throw new ToolRefusal('The arguments are not JSON. Call the tool again.')
  }
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new ToolRefusal(`The arguments do not fit: ${z.prettifyError(parsed.error)}`)
}
