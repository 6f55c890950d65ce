import { expect, test } from 'vitest'
import { timedStages } from './attempt-stages.ts'

const at = (second: number) => new Date(Date.UTC(2026, 10, 23, 12, 0, second)).toISOString()
const attempt = (finishedAt: string | null) => ({
  attempt: 1,
  worker: 'w1',
  state: 'running' as const,
  startedAt: at(0),
  finishedAt,
  stages: [
    { stage: 'reading', at: at(0) },
    { stage: 'indexing', at: at(3) },
  ],
  errorClass: null,
  errorMessage: null,
  errorStack: null,
})

test('a stage ends where the next begins, the last one with its attempt', () => {
  const stages = timedStages(attempt(at(4)), Date.parse(at(59)))
  expect(stages.map(({ ms }) => ms)).toEqual([3000, 1000])
  expect(stages.map(({ share }) => share)).toEqual([0.75, 0.25])
})

test('the stage that goes on has no end, and its part of the time so far', () => {
  const [, last] = timedStages(attempt(null), Date.parse(at(12)))
  expect(last).toMatchObject({ ms: null, share: 0.75 })
})
