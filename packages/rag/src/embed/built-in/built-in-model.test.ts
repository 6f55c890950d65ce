import { Worker } from 'node:worker_threads'
import { afterAll, describe, expect, test } from 'vitest'
import { createBuiltInModel } from './built-in-model.ts'
import { EmbeddingThread } from './embedding-thread.ts'

const { signal } = new AbortController()
const cosine = (a: readonly number[], b: readonly number[]) => {
  const dot = (x: readonly number[], y: readonly number[]) => x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0)
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b))
}

describe('the built-in model', () => {
  const model = createBuiltInModel(null)
  afterAll(() => model.close())

  test('knows what is near without a word in common, in a thread', async () => {
    const { dimension } = await model.identity({ signal })
    const [question, near, far] = await model.embed(
      ['How do I get my money back?', 'Refunds are paid within a week.', 'Herons stand in shallow water at dawn.'],
      { signal },
    )
    expect(question).toHaveLength(dimension)
    expect(cosine(question ?? [], near ?? [])).toBeGreaterThan(cosine(question ?? [], far ?? []) + 0.1)
  }, 60_000)

  test('gives the same vector again, also after it was closed', async () => {
    const [before] = await model.embed(['Nine herrings'], { signal })
    await model.close()
    const [after] = await model.embed(['Nine herrings'], { signal })
    expect(after).toEqual(before)
  }, 60_000)
})

/** A thread that answers with the length of each text, and dies of the text "die". */
const fake = () => {
  const source = `
    const { parentPort } = require('node:worker_threads')
    parentPort.on('message', ({ id, texts }) => {
      if (texts[0] === 'die') process.exit(3)
      if (texts[0] === 'fail') return parentPort.postMessage({ id, error: 'no' })
      parentPort.postMessage({ id, vectors: texts.map((text) => [text.length]) })
    })`
  return new Worker(source, { eval: true })
}

describe('the thread', () => {
  test('answers in order, one request after the other', async () => {
    const thread = new EmbeddingThread(fake)
    const all = await Promise.all([thread.embed(['a'], signal), thread.embed(['bb', 'ccc'], signal)])
    expect(all).toEqual([[[1]], [[2], [3]]])
    await thread.close()
  })

  test('that dies fails what waits for it, and is started again', async () => {
    const thread = new EmbeddingThread(fake)
    const dying = thread.embed(['die'], signal)
    const waiting = thread.embed(['a'], signal)
    await expect(dying).rejects.toMatchObject({ code: 'model_unavailable' })
    await expect(waiting).rejects.toMatchObject({ code: 'model_unavailable' })
    expect(await thread.embed(['a'], signal)).toEqual([[1]])
    await thread.close()
  })

  test('that cannot embed a text goes on with the next', async () => {
    const thread = new EmbeddingThread(fake)
    await expect(thread.embed(['fail'], signal)).rejects.toMatchObject({ code: 'model_unavailable' })
    expect(await thread.embed(['a'], signal)).toEqual([[1]])
    await thread.close()
  })

  test('is not asked any more by who has given up', async () => {
    const thread = new EmbeddingThread(fake)
    const stop = new AbortController()
    const given = thread.embed(['a'], stop.signal)
    const reason = new Error('late')
    stop.abort(reason)
    await expect(given).rejects.toBe(reason)
    await expect(thread.embed(['a'], stop.signal)).rejects.toBe(reason)
    expect(await thread.embed(['bb'], signal)).toEqual([[2]])
    await thread.close()
  })
})
