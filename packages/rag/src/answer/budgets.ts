/** Bounds of one answer. What a run spent is kept when it hits one: the partial answer is saved. */
export interface AnswerBudgets {
  /** Model calls. The last one may not call a tool, so that it answers. */
  readonly maxSteps: number
  /** Input and output tokens of all steps, as the provider counts them; looked at between steps. */
  readonly maxTokens: number
  /** Output tokens of one step. */
  readonly stepOutputTokens: number
  readonly totalMs: number
  /** Longest silence of the model, first token included. */
  readonly idleMs: number
  /** Characters that one tool call, and all of them together, may show to the model. */
  readonly toolResultChars: number
  readonly allToolResultsChars: number
}

export const DEFAULT_BUDGETS: AnswerBudgets = {
  // Search, read, search again, read, and room for one mistake each: more steps have not found more.
  maxSteps: 8,
  // Eight steps of 25,000.
  maxTokens: 200_000,
  // An answer of 1,500 words, and as much again for tool calls.
  stepOutputTokens: 4096,
  // A reader has given up long before.
  totalMs: 120_000,
  // Reasoning models think for half a minute before their first token.
  idleMs: 45_000,
  // About 4,000 tokens: eight passages.
  toolResultChars: 16_000,
  // About 16,000 tokens, so that a model with a window of 32,000 has room for history and answer.
  allToolResultsChars: 64_000,
}
