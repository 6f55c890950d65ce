export { startLlmDouble, type LlmDouble, type LlmDoubleOptions } from './server.ts'
export { textOf, type ChatRequest, type Reply } from './chat-completions.ts'
