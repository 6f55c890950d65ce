import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { FinishedStep } from '@quarry/contracts'
import { startLlmDouble } from '../model/testing/llm-double/index.ts'
import type { LlmDouble, LlmDoubleOptions, Reply } from '../model/testing/llm-double/index.ts'
import { createChatModel } from '../model/chat-model.ts'
import type { AnswerRequest } from './generate-answer.ts'
import { openLighthouse, saying, type Lighthouse } from './testing/lighthouse.ts'

const TEXT = 'The lighthouse at Skerry Point was lit in 1871. Its lamp can be seen for 19 miles.'

let lighthouse: Lighthouse
let double: LlmDouble | undefined

beforeAll(async () => {
  lighthouse = await openLighthouse(TEXT)
}, 60_000)
afterEach(async () => {
  await double?.close()
  double = undefined
})
afterAll(() => lighthouse.close())

const runWire = async (options: LlmDoubleOptions, request: Partial<AnswerRequest> = {}) => {
  double = await startLlmDouble(options)
  const model = createChatModel({ kind: 'openai-compatible', baseUrl: double.baseUrl, apiKey: 'secret', model: 'mock' })
  return lighthouse.ask({ model, ...request })
}

describe('a later attempt', () => {
  const script: readonly Reply[] = [
    { tool: 'search_documents', input: { query: 'lighthouse lit' } },
    { tool: 'read_document', input: { document: 'lighthouse.md' } },
    { text: 'Lit in 1871 [p1 "lit in 1871"], seen for 19 miles [p1 "19 miles"].' },
  ]
  const scripted: LlmDoubleOptions = {
    reply: (request) => script[request.messages.filter((message) => message.role === 'tool').length]!,
  }
  /** As a row keeps them. */
  const stored = (steps: readonly FinishedStep[]) => JSON.parse(JSON.stringify(steps)) as FinishedStep[]
  const stepsOf = async (options: LlmDoubleOptions) => {
    const steps: FinishedStep[] = []
    const whole = await runWire(options, { onStep: (step) => void steps.push(step) })
    const requests = [...double!.requests]
    await double!.close()
    return { whole, steps: stored(steps), requests }
  }

  test('goes on after the steps that are done: the model is told them, and nothing is done twice', async () => {
    const { whole, steps, requests } = await stepsOf(scripted)
    expect(steps.map(({ usage, steps: done }) => [usage.steps, done.length])).toEqual([
      [1, 1],
      [2, 2],
    ])
    for (const count of [0, 1, 2]) {
      const { result, events } = await runWire(scripted, { resume: steps.slice(0, count) })
      expect(result).toMatchObject({ state: 'complete', text: whole.result.text, usage: whole.result.usage })
      expect(result.citations.map(({ marker, quote }) => [marker, quote])).toEqual([
        [1, 'lit in 1871'],
        [2, '19 miles'],
      ])
      expect(events.filter((event) => event.type === 'tool' && event.phase === 'call')).toHaveLength(2 - count)
      // Letter for letter what the first attempt would have asked next.
      expect(double!.requests[0]!.body.messages).toEqual(requests[count]!.body.messages)
      await double!.close()
    }
  })
  test('keeps the text, the markers and the ids that readers have', async () => {
    const answers: readonly Reply[] = [
      { tool: 'search_documents', input: { query: 'lighthouse lit' } },
      { text: 'Again [p1 "lit in 1871"], and far [p1 "19 miles"].' },
    ]
    const { steps } = await stepsOf({
      reply: (request) => answers[request.messages.filter((message) => message.role === 'tool').length]!,
    })
    const [step] = steps
    const { whole } = await stepsOf(saying('Lit [p1 "lit in 1871"].'))
    const before = { ...step!, text: 'Lit [^1].\n\n', citations: whole.result.citations }
    const { result, text } = await runWire(saying('Again [p1 "lit in 1871"], and far [p1 "19 miles"].'), {
      resume: [before],
    })
    expect(text).toBe('Again [^1], and far [^2].')
    expect(result.text).toBe(`Lit [^1].\n\n${text}`)
    expect(result.citations[0]).toEqual(whole.result.citations[0])
  })
  test('has the budgets that are left', async () => {
    const { steps } = await stepsOf(scripted)
    const { result } = await runWire(
      { reply: () => ({ text: 'Enough.' }) },
      {
        resume: steps,
        budgets: { maxSteps: 3 },
      },
    )
    expect(result.usage.steps).toBe(3)
    expect(double!.requests[0]!.body.tool_choice).toBe('none')
  })
  test('what refuses a step ends the run', async () => {
    const refusal = new Error('a newer attempt writes')
    const onStep = () => Promise.reject(refusal)
    await expect(runWire(scripted, { onStep })).rejects.toBe(refusal)
  })
})
