import { AppError, type OrgId } from '@quarry/contracts'
import { expect, test } from 'vitest'
import type { EmbeddingModel } from './embedding-model.ts'
import { createQueryEmbedder } from './query-embedder.ts'

const org = '0190b0f0-0000-7000-8000-000000000001' as OrgId
const other = '0190b0f0-0000-7000-8000-000000000002' as OrgId

/** A model that answers as the test says, and remembers what it was asked. */
const modelWith = (answer: (text: string, signal: AbortSignal) => Promise<readonly number[]>) => {
  const asked: string[] = []
  const model: EmbeddingModel = {
    name: 'of the test',
    window: { words: 10 },
    weight: 0.3,
    floor: null,
    batchSize: 4,
    queryTimeoutMs: 20,
    knows: (language) => language === 'english',
    identity: () => Promise.resolve({ id: 'test/m@2', dimension: 2 }),
    embed: async (texts, { signal }) => {
      asked.push(...texts)
      return [await answer(texts[0] ?? '', signal)]
    },
    close: () => Promise.resolve(),
  }
  return { model, asked }
}
const never = (_text: string, signal: AbortSignal) =>
  new Promise<never>((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test('a query is embedded once per organisation', async () => {
  const { model, asked } = modelWith(() => Promise.resolve([1, 2]))
  const embedder = createQueryEmbedder(model, () => undefined)
  const expected = { model: 'test/m@2', vector: [1, 2], weight: 0.3, floor: null }
  expect(await embedder.vectorOf(org, 'nine  herrings')).toEqual(expected)
  expect(await embedder.vectorOf(org, 'nine herrings ')).toEqual(expected)
  expect(asked).toEqual(['nine herrings'])
  await embedder.vectorOf(other, 'nine herrings')
  expect(asked).toHaveLength(2)
})

test('what the model does not know, and what has no word, goes by words alone', async () => {
  const { model, asked } = modelWith(() => Promise.resolve([1, 2]))
  const embedder = createQueryEmbedder(model, () => undefined)
  expect(await embedder.vectorOf(org, '鲱鱼船的铜税')).toBeNull()
  let away = 0
  expect(await embedder.vectorOf(org, '?!', () => away++)).toBeNull()
  expect(away).toBe(0)
  expect(asked).toEqual([])
})

test('a model that is late does not hold up the search, nor the next ones for a moment', async () => {
  let now = 0
  const { model, asked } = modelWith(never)
  const errors: unknown[] = []
  const embedder = createQueryEmbedder(
    model,
    (error) => errors.push(error),
    () => now,
  )
  expect(await embedder.vectorOf(org, 'nine herrings')).toBeNull()
  expect(await embedder.vectorOf(org, 'ten herrings')).toBeNull()
  expect(asked).toEqual(['nine herrings'])
  expect(errors).toHaveLength(1)
  now = 1_001
  expect(await embedder.vectorOf(org, 'ten herrings')).toBeNull()
  expect(asked).toHaveLength(2)
})

test('a model that fails is left alone for ten seconds', async () => {
  let now = 0
  let works = false
  const { model } = modelWith(() =>
    works ? Promise.resolve([1, 2]) : Promise.reject(new AppError('model_unavailable')),
  )
  const embedder = createQueryEmbedder(
    model,
    () => undefined,
    () => now,
  )
  let away = 0
  const ask = () => embedder.vectorOf(org, 'nine herrings', () => away++)
  expect(await ask()).toBeNull()
  works = true
  now = 9_999
  expect(await ask()).toBeNull()
  expect(away).toBe(2)
  now = 10_001
  expect(await ask()).not.toBeNull()
  expect(away).toBe(2)
})
