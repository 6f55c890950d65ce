import { describe, expect, it } from 'vitest'
import { forEachConcurrently } from './concurrency.ts'

describe('forEachConcurrently', () => {
  it('works through a source with no more under way than allowed', async () => {
    let underWay = 0
    let most = 0
    const done: number[] = []
    async function* source() {
      for (let item = 0; item < 50; item += 1) yield item
    }
    await forEachConcurrently(source(), 4, async (item) => {
      underWay += 1
      most = Math.max(most, underWay)
      await new Promise((resolve) => setImmediate(resolve))
      underWay -= 1
      done.push(item)
    })
    expect(most).toBe(4)
    expect(done.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => index))
  })

  it('throws the first error, after what was under way, and takes nothing more', async () => {
    const taken: number[] = []
    let finished = false
    const work = forEachConcurrently([0, 1, 2, 3, 4, 5], 2, async (item) => {
      taken.push(item)
      if (item === 0) throw new Error('no')
      await new Promise((resolve) => setImmediate(resolve))
      finished = true
    })
    await expect(work).rejects.toThrow('no')
    expect(finished).toBe(true)
    expect(taken).toEqual([0, 1])
  })
})
