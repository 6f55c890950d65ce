import { afterEach, beforeEach, expect, it } from 'vitest'
import { getConversationOutput, sendOutput, type SendOutput } from '@quarry/contracts'
import { startLlmDouble, textOf, type ChatRequest, type LlmDouble } from '../fixtures/llm-double/index.ts'
import { mutate, query, startProduct, waitUntil, type Product } from '../fixtures/product/index.ts'

/** Longer than it takes to end the product in the middle of it. */
const WORDS = 160
/** A start, and the rest of the answer. */
const COMPLETE_MS = 60_000

let model: LlmDouble
let product: Product

beforeEach(async () => {
  model = await startLlmDouble()
  product = await startProduct({ env: env() })
})
afterEach(async () => {
  await product.stop()
  await model.close()
})

const env = () => ({ LLM_BASE_URL: model.baseUrl, LLM_API_KEY: 'x', LLM_MODEL: `mock-itl40-len${WORDS}` })
const caller = () => ({ url: product.url, apiKey: product.credentials.apiKey })
const answerOf = async ({ conversationId, messageId }: SendOutput) => {
  const { messages } = await query(caller(), 'conversations.get', { id: conversationId }, getConversationOutput)
  return messages.find(({ id }) => id === messageId)
}
/** What a message tells: of a tool's result the values, since a row keeps the names in an order of its own. */
const toldBy = (message: ChatRequest['messages'][number]): unknown =>
  message.role === 'tool' ? JSON.parse(textOf(message)) : [message.role, textOf(message)]
/** The process and all that it started, without a word. */
const killAll = (): Promise<unknown> => {
  for (const { pid } of product.processes()) process.kill(pid, 'SIGKILL')
  return waitUntil('all of it has ended', 10_000, () => product.processes().length === 0)
}

it.each([
  ['ended in order', () => product.stop({ keepData: true })],
  ['was killed', killAll],
])('the embedded product that %s goes on with an answer when it starts again', async (_how, end) => {
  const question = { text: 'How is the torque of the mast set?', idempotencyKey: crypto.randomUUID() }
  const reply = await mutate(caller(), 'chat.send', question, sendOutput)
  await waitUntil('the search is done, and kept', 30_000, async () => {
    const [step] = (await answerOf(reply))?.steps ?? []
    return step !== undefined && step.outcome !== null && model.requests.length === 2
  })
  const { dataFolder } = product
  await end()
  product = await startProduct({ dataFolder, env: env() })
  const answer = await waitUntil('the answer is complete', COMPLETE_MS, async () => {
    const found = await answerOf(reply)
    return found?.state === 'streaming' ? false : found
  })
  expect(answer).toMatchObject({ state: 'complete', steps: [{ tool: 'search_documents', failed: false }] })
  expect(answer.text).toContain(`word${WORDS}`)
  // Whoever asked the model again told it what the search had found, and nobody made the search again.
  const [, broken, ...later] = model.requests.map(({ body }) => body.messages.map(toldBy))
  expect(later.length).toBeGreaterThan(0)
  for (const messages of later) expect(messages).toEqual(broken)
})
