import { randomUUID } from 'node:crypto'
import { createRateLimiter, type Bucket } from '@quarry/cache'
import { createMetrics, createNotes, notes, withRequestContext } from '@quarry/observability'
import { expect, it } from 'vitest'
import { countedLimiter } from './counted-limiter.ts'

const setUp = () => {
  const metrics = createMetrics()
  const limiter = countedLimiter(createRateLimiter({ link: null, replicas: 1 }), metrics)
  const key = `o:${randomUUID()}:limit:organisation`
  const bucket = (cost: number): Bucket => ({ policy: 'organisation', key, capacity: 2, refillSeconds: 3600, cost })
  /** As Prometheus reads them. */
  const counted = async () => {
    const found = (await metrics.text()).matchAll(/^quarry_limit_decisions_total\{.*decision="(\w+)".*\} (\d+)$/gm)
    return Object.fromEntries([...found].map(([, decision = '', n]) => [decision, Number(n)]))
  }
  return { limiter, bucket, counted }
}

it('each charge is counted once by what was decided, and told in the line of its request', async () => {
  const { limiter, bucket, counted } = setUp()
  await withRequestContext({ requestId: 'one', notes: createNotes() }, async () => {
    await limiter.charge([bucket(2)])
    expect(notes()?.limits).toBe('allowed')
  })
  await withRequestContext({ requestId: 'two', notes: createNotes() }, async () => {
    await limiter.charge([bucket(1)])
    expect(notes()?.limits).toBe('refused by organisation')
  })
  // Looked at, and given back.
  await limiter.charge([bucket(0)])
  await limiter.charge([bucket(-1)])
  expect(await counted()).toEqual({ allowed: 1, refused: 1 })
})

it('a charge that was only tried counts where it was allowed, and is nothing where it was not', async () => {
  const { limiter, bucket, counted } = setUp()
  await withRequestContext({ requestId: 'one', notes: createNotes() }, async () => {
    expect((await limiter.charge([bucket(2)], { tentative: true })).allowed).toBe(true)
    expect(notes()?.limits).toBe('allowed')
  })
  await withRequestContext({ requestId: 'two', notes: createNotes() }, async () => {
    expect((await limiter.charge([bucket(1)], { tentative: true })).allowed).toBe(false)
    expect(notes()?.limits).toBeUndefined()
    expect(await counted()).toEqual({ allowed: 1 })
    // The other way, which charges and says no.
    await limiter.charge([bucket(1)])
    expect(notes()?.limits).toBe('refused by organisation')
  })
  expect(await counted()).toEqual({ allowed: 1, refused: 1 })
})
