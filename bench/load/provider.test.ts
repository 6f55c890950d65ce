import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEndpointModel } from '../../packages/rag/src/embed/remote/endpoint-model.ts'
import { createChatModel } from '../../packages/rag/src/model/chat-model.ts'

type Call = Parameters<ReturnType<typeof createChatModel>['model']['doStream']>[0]

describe("the provider's double of the load test", () => {
  const child = fork(join(import.meta.dirname, 'provider.mjs'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  let baseUrl = ''

  beforeAll(async () => {
    const [message] = await once(child, 'message')
    baseUrl = `http://127.0.0.1:${String(Reflect.get(Object(message), 'port'))}/v1`
  })
  afterAll(async () => {
    const ended = once(child, 'exit')
    child.disconnect()
    await ended
  })

  const TOOL = { type: 'function', name: 'search_documents', inputSchema: { type: 'object' } } as const
  const question = (text: string) => ({ role: 'user' as const, content: [{ type: 'text' as const, text }] })

  /** One step, as the product asks for it. */
  const step = async (model: string, call: Call) => {
    const chat = createChatModel({ kind: 'openai-compatible', baseUrl, apiKey: 'x', model })
    const { stream } = await chat.model.doStream(call)
    const parts = []
    for await (const part of stream) parts.push(part)
    const text = parts.map((part) => (part.type === 'text-delta' ? part.delta : '')).join('')
    return {
      text,
      calls: parts.flatMap((part) => (part.type === 'tool-call' ? [part] : [])),
      finish: parts.find((part) => part.type === 'finish'),
    }
  }

  test('searches with the words of the question', async () => {
    const { calls, finish } = await step('mock', { prompt: [question('How "tight" are the bolts?')], tools: [TOOL] })
    expect(calls.map(({ toolName, input }) => [toolName, input])).toEqual([
      ['search_documents', '{"query":"How \\"tight\\" are the bolts?"}'],
    ])
    expect(finish?.finishReason.unified).toBe('tool-calls')
  })

  test('answers with citations of what it was shown', async () => {
    const output = { type: 'json' as const, value: { passages: [{ label: 'p1' }, { label: 'p2' }] } }
    const found = { toolCallId: 'a', toolName: 'search_documents' }
    const { text, calls, finish } = await step('mock-len20', {
      prompt: [
        question('And the nuts?'),
        { role: 'assistant', content: [{ type: 'tool-call', ...found, input: { query: 'nuts' } }] },
        { role: 'tool', content: [{ type: 'tool-result', ...found, output }] },
      ],
      tools: [TOOL],
    })
    expect(text).toMatch(/^word1 word2 .* word12 \[p1\]\. word13 .* word20 \[p2\]\.$/)
    expect(calls).toEqual([])
    expect(finish?.usage.outputTokens.total).toBe(20)
  })

  test('keeps to the pace of its name, by the clock', async () => {
    const startedAt = Date.now()
    const { text } = await step('mock-ttft100-itl10-len11-stamped', { prompt: [question('now')] })
    const sent = [...text.matchAll(/ t(\d{13})/g)].map(([, at]) => Number(at))
    expect(sent).toHaveLength(11)
    expect((sent[0] ?? 0) - startedAt).toBeGreaterThanOrEqual(95)
    // Ten pauses of 10 ms; the first token may have been late.
    expect((sent[10] ?? 0) - startedAt).toBeGreaterThanOrEqual(195)
  })

  test('embeds: texts that share words are near each other', async () => {
    const model = createEndpointModel({
      kind: 'openai-compatible',
      ...{ baseUrl, apiKey: 'x', model: 'mock-dim64', weight: null },
    })
    const texts = ['tight bolts', 'the bolts of a mast', 'soup of the day']
    const [query, near, far] = await model.embed(texts, { signal: AbortSignal.timeout(20_000) })
    const product = (a: readonly number[] = [], b: readonly number[] = []) =>
      a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0)
    expect(query).toHaveLength(64)
    expect(product(query, near)).toBeGreaterThan(product(query, far))
  })

  test('refuses what a provider would refuse, and names that it does not know', async () => {
    const statusOf = async (body: object) =>
      (await fetch(`${baseUrl}/chat/completions`, { method: 'POST', body: JSON.stringify(body) })).status
    const messages = [{ role: 'user', content: 'x' }]
    expect(await statusOf({ model: 'mock', messages })).toBe(400)
    expect(await statusOf({ model: 'mock', stream: true })).toBe(400)
    expect(await statusOf({ model: 'mock-fast', stream: true, messages })).toBe(400)
    expect(await statusOf({ model: 'mock-500', stream: true, messages })).toBe(400)
    expect(await statusOf({ model: 'gpt-5', stream: true, messages })).toBe(400)
  })
})
