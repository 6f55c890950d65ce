import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import type { LanguageModelV4 } from '@ai-sdk/provider'
import type { LlmAdapter } from '@quarry/config'
import { BuiltInAnswerer } from './built-in/built-in-answerer.ts'

export interface ChatModel {
  /** Names the model to people, in the interface and in stored messages. */
  readonly id: string
  /** No provider is configured: answers are quotations. */
  readonly builtIn: boolean
  readonly model: LanguageModelV4
}

/** The model that answers: the configured OpenAI-compatible endpoint, or the built-in one. Opens no connection. */
export function createChatModel(llm: LlmAdapter): ChatModel {
  if (llm.kind === 'built-in') {
    const model = new BuiltInAnswerer()
    return { id: model.modelId, builtIn: true, model }
  }
  const provider = createOpenAICompatible({
    name: 'openai-compatible',
    baseURL: llm.baseUrl,
    apiKey: llm.apiKey,
    includeUsage: true,
  })
  return { id: llm.model, builtIn: false, model: provider.chatModel(llm.model) }
}
