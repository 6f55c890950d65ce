import { documentId } from '@quarry/contracts'
import { expect, test } from 'vitest'
import { isOver, settled, storedBatches, type UploadBatch, withUploaded } from './upload-batches.ts'

const id = (n: number) => documentId.parse(`0190a8c0-0000-7000-8000-00000000000${n}`)
const storage = () => {
  const kept = new Map<string, string>()
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
    removeItem: (key: string) => void kept.delete(key),
  }
}

test('a batch grows while its tab sends, and is over when all of it is done and no more comes', () => {
  let batches = withUploaded([], 'a', [id(1), id(2)], 1000)
  batches = withUploaded(batches, 'a', [id(2), id(3)], 2000)
  let [one] = batches as [UploadBatch]
  expect(one.pending).toEqual([id(1), id(2), id(3)])
  one = settled(
    one,
    new Map([
      [id(1), 'searchable'],
      [id(2), 'failed'],
      [id(3), 'gone'],
    ]),
  )
  expect(one).toMatchObject({ pending: [], searchable: 1, failed: 1 })
  expect(isOver(one, 1999)).toBe(false)
  expect(isOver(one, 2000)).toBe(true)
})

test('nothing uploaded is no batch', () => {
  expect(withUploaded([], 'a', [], 1000)).toEqual([])
})

test('all tabs read what one has kept; what is broken counts as nothing', () => {
  const shared = storage()
  const batches = withUploaded([], 'a', [id(1)], 0)
  storedBatches(shared, 'k').write(batches)
  expect(storedBatches(shared, 'k').read()).toEqual(batches)
  shared.setItem('k', '{"torn')
  expect(storedBatches(shared, 'k').read()).toEqual([])
  storedBatches(shared, 'k').write([])
  expect(shared.getItem('k')).toBeNull()
})
