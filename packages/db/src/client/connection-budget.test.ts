import { AppConfigError } from '@quarry/config'
import { expect, test } from 'vitest'
import { applicationName } from './application-name.ts'
import { splitConnections } from './connection-budget.ts'

const split = (max: number, runners = 2) => {
  const { database, queue } = splitConnections({ max, acquireTimeoutMs: 3_000, maxLifetimeSeconds: 60 }, runners)
  return [database.max, queue]
}

test('a worker’s two pools together never exceed what it may open, and neither is without', () => {
  expect([split(20), split(10), split(6), split(5), split(4)]).toEqual([
    [16, 4],
    [6, 4],
    [2, 4],
    [2, 3],
    [1, 3],
  ])
  expect(() => split(3)).toThrow(AppConfigError)
  for (let max = 5; max < 100; max++)
    for (let runners = 0; runners <= max - 2; runners++) {
      const [database, queue] = split(max, runners)
      expect(database! + queue!).toBe(max)
      expect(database).toBeGreaterThan(0)
      expect(queue).toBeGreaterThan(runners)
    }
})

test('a connection is named after its process, in what PostgreSQL keeps of a name', () => {
  expect(applicationName('quarry-web', 'host-1')).toBe(`quarry-web host-1:${process.pid}`)
  const long = applicationName('quarry-worker', `${'ü'.repeat(40)}.${'x'.repeat(100)}`)
  expect(Buffer.byteLength(long)).toBe(63)
  expect(long).toMatch(new RegExp(`^quarry-worker -+.*:${process.pid}$`))
})
