import { AppError } from '@quarry/contracts'
import { expect, test } from 'vitest'
import { inTurn } from './in-turn.ts'

/** Work that ends when it is told to, and says whether it has begun. */
const piece = () => {
  const { promise, resolve, reject } = Promise.withResolvers<string>()
  const state = { begun: false }
  const work = () => {
    state.begun = true
    return promise
  }
  return { state, work, resolve, reject }
}
/** All that can go on without anybody has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

test('one begins when the one before has ended, also where that failed; another key waits for nobody', async () => {
  const [first, second, other] = [piece(), piece(), piece()]
  const one = inTurn('a', first.work)
  const two = inTurn('a', second.work)
  const beside = inTurn('b', other.work)
  await settled()
  expect([first, second, other].map(({ state }) => state.begun)).toEqual([true, false, true])
  first.reject(new AppError('rate_limited'))
  await expect(one).rejects.toMatchObject({ code: 'rate_limited' })
  second.resolve('two')
  other.resolve('other')
  expect(await Promise.all([two, beside])).toEqual(['two', 'other'])
})

test('while the database is away all who wait are told together, and whoever comes then tries anew', async () => {
  const first = piece()
  const waiting = [piece(), piece(), piece()]
  const one = inTurn('a', first.work)
  const others = waiting.map(({ work }) => inTurn('a', work))
  first.reject(new AppError('unavailable'))
  for (const outcome of await Promise.allSettled([one, ...others]))
    expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } })
  expect(waiting.map(({ state }) => state.begun)).toEqual([false, false, false])
  expect(await inTurn('a', () => Promise.resolve('anew'))).toBe('anew')
})
