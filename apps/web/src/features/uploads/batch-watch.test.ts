import { documentId, type DocumentId } from '@quarry/contracts'
import { expect, test } from 'vitest'
import { createBatchWatch } from './batch-watch.ts'
import { type Fate, storedBatches, type UploadBatch } from './upload-batches.ts'

const ids = (count: number): DocumentId[] =>
  Array.from({ length: count }, (_, n) => documentId.parse(`0190a8c0-0000-7000-8000-${String(n).padStart(12, '0')}`))

/** Tabs of one browser: what they keep and their lock are shared. */
const browser = () => {
  const kept = new Map<string, string>()
  const storage = {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
  const fates = new Map<DocumentId, Fate>()
  let line = Promise.resolve()
  let busy = 0
  const alone = async (ifFree: boolean, run: () => Promise<void>) => {
    if (ifFree && busy > 0) return
    busy += 1
    line = line.then(run).finally(() => (busy -= 1))
    await line
  }
  let time = 0
  const tab = (lookedAt = true) => {
    const told: UploadBatch[] = []
    const state = { lookedAt }
    const watch = createBatchWatch({
      batches: storedBatches(storage, 'k'),
      fatesOf: async (asked) => new Map([...fates].filter(([id]) => asked.includes(id))),
      isLookedAt: () => state.lookedAt,
      announce: (batch) => told.push(batch),
      alone,
      now: () => time,
    })
    return { ...watch, told, state }
  }
  return { tab, fates, pass: (ms: number) => (time += ms) }
}

test('all files done, in more than one window: told once, with counts, in one of two tabs', async () => {
  const { tab, fates } = browser()
  const [one, two] = [tab(), tab()]
  const files = ids(150)
  await one.add('a', files, false)
  for (const id of files) fates.set(id, id === files[7] ? 'failed' : 'searchable')
  await Promise.all([one.check(), two.check()])
  const told = [...one.told, ...two.told]
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject({ searchable: 149, failed: 1, pending: [] })
  await two.check()
  expect([...one.told, ...two.told]).toHaveLength(1)
})

test('while one file is not done, or more are being sent, nothing is told', async () => {
  const { tab, fates } = browser()
  const one = tab()
  const [first, second] = ids(2)
  if (first === undefined || second === undefined) throw new Error('no ids')
  await one.add('a', [first], true)
  fates.set(first, 'searchable')
  await one.check()
  expect(one.told).toEqual([])
  await one.add('a', [second], false)
  await one.check()
  expect(one.told).toEqual([])
  fates.set(second, 'gone')
  await one.check()
  expect(one.told).toMatchObject([{ searchable: 1, failed: 0 }])
})

test('a tab that is gone sends no more: another one tells, when somebody looks at it', async () => {
  const { tab, fates, pass } = browser()
  const [file] = ids(1)
  if (file === undefined) throw new Error('no ids')
  await tab().add('a', [file], true)
  fates.set(file, 'searchable')
  const other = tab(false)
  pass(60_000)
  await other.check()
  expect(other.told).toEqual([])
  other.state.lookedAt = true
  await other.tell()
  expect(other.told).toHaveLength(1)
})
