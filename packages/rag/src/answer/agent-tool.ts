import type { LanguageModelV4FunctionTool } from '@ai-sdk/provider'
import { z } from 'zod'
import { ToolRefusal } from './tool-refusal.ts'

/** What a model is told of a tool, and what its arguments have to be. */
export interface ToolDescription<Input> {
  readonly description: string
  readonly input: z.ZodType<Input>
}

/** A tool of a run. `execute` takes the arguments as the model sent them; what it throws as ToolRefusal the model may read. */
export interface AgentTool {
  readonly execute: (input: unknown) => Promise<unknown>
}

/** A tool as the model gets it: arguments as JSON Schema, draft 7, which every provider takes. */
export const functionTool = (
  name: string,
  { description, input }: ToolDescription<unknown>,
): LanguageModelV4FunctionTool => {
  const { $schema: _, ...schema } = z.toJSONSchema(input, { target: 'draft-7', io: 'input' })
  return {
    type: 'function',
    name,
    description,
    inputSchema: { ...schema, additionalProperties: false } as LanguageModelV4FunctionTool['inputSchema'],
  }
}

export const agentTool = <Input>(
  { input }: ToolDescription<Input>,
  execute: (input: Input) => Promise<unknown>,
): AgentTool => ({
  execute: async (value) => {
    const parsed = input.safeParse(value)
    if (parsed.success) return execute(parsed.data)
    // In words that a model can act on.
    throw new ToolRefusal(`The arguments do not fit: ${z.prettifyError(parsed.error)}`)
  },
})
