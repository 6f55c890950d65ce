import { AppError } from '@quarry/contracts'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startEmbeddingsServer, type EmbeddingsServer } from '../testing/embeddings-server.ts'
import { createEndpointModel } from './endpoint-model.ts'

let server: EmbeddingsServer
beforeAll(async () => {
  server = await startEmbeddingsServer(['herring', 'copper'])
})
afterEach(() => {
  server.next.length = 0
  server.asked.length = 0
})
afterAll(() => server.close())
const { signal } = new AbortController()

const failure = async (work: Promise<unknown>): Promise<AppError> => {
  const error = await work.then(
    () => null,
    (reason: unknown) => reason,
  )
  if (!(error instanceof AppError)) throw new Error('an AppError was expected')
  return error
}

test('vectors come in order, and the first answer tells the dimension', async () => {
  const model = createEndpointModel(server.adapter)
  expect(await model.identity({ signal })).toEqual({ id: server.id, dimension: 3 })
  expect(await model.embed(['a herring and a herring', 'copper'], { signal })).toEqual([
    [2, 0, 0.1],
    [0, 1, 0.1],
  ])
  expect(server.requests.keys).toEqual(new Set(['Bearer secret']))
  const asked = server.requests.count
  await model.identity({ signal })
  expect(server.requests.count).toBe(asked)
})

test('waits as long as it is asked to after 429, and tries again', async () => {
  server.next.push({ kind: 'status', status: 429, headers: { 'retry-after-ms': '150' } })
  const started = performance.now()
  const vectors = await createEndpointModel(server.adapter).embed(['copper'], { signal })
  expect(vectors).toEqual([[0, 1, 0.1]])
  expect(performance.now() - started).toBeGreaterThan(140)
})

test('gives up after three failures, and says what failed', async () => {
  const wait = { 'retry-after-ms': '1' }
  for (let i = 0; i < 3; i++) server.next.push({ kind: 'status', status: 500, headers: wait })
  const error = await failure(createEndpointModel(server.adapter).embed(['copper'], { signal }))
  expect(error).toMatchObject({ code: 'model_unavailable', message: 'The embedding endpoint failed.' })
  expect(server.next).toEqual([])
})

test.each([
  [401, /EMBEDDING_API_KEY/u],
  [404, /EMBEDDING_MODEL/u],
  [400, /did not accept/u],
])('%i is not tried again, and names the variable to check', async (status, sentence) => {
  server.next.push({ kind: 'status', status }, { kind: 'status', status })
  const error = await failure(createEndpointModel(server.adapter).embed(['copper'], { signal }))
  expect(error.message).toMatch(sentence)
  expect(server.next).toHaveLength(1)
})

test('does not wait for ever', async () => {
  server.next.push({ kind: 'silence' })
  const error = await failure(createEndpointModel(server.adapter, 200).embed(['copper'], { signal }))
  expect(error.message).toMatch(/in time/u)
})

test("ends with the signal's own reason", async () => {
  server.next.push({ kind: 'silence' })
  const stop = new AbortController()
  const work = createEndpointModel(server.adapter).embed(['copper'], { signal: stop.signal })
  const reason = new Error('the worker stops')
  stop.abort(reason)
  await expect(work).rejects.toBe(reason)
})

test('refuses vectors of another dimension than the first ones', async () => {
  const model = createEndpointModel(server.adapter)
  await model.embed(['copper'], { signal })
  server.next.push({ kind: 'dimension', dimension: 4 })
  expect((await failure(model.embed(['copper'], { signal }))).message).toMatch(/3 finite numbers/u)
})

test.each([
  ['a page', '<html>'],
  ['an empty list', '{"data":[]}'],
])('%s is no answer', async (_name, body) => {
  server.next.push({ kind: 'body', body })
  expect((await failure(createEndpointModel(server.adapter).embed(['copper'], { signal }))).code).toBe(
    'model_unavailable',
  )
})

test('a server that is not there is named by its variable', async () => {
  const gone = await startEmbeddingsServer([])
  await gone.close()
  const impatient = AbortSignal.timeout(20_000)
  const error = await failure(createEndpointModel(gone.adapter).embed(['copper'], { signal: impatient }))
  expect(error.message).toMatch(/EMBEDDING_BASE_URL/u)
}, 30_000)
