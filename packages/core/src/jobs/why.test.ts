import { expect, test } from 'vitest'
import type { Line } from './line.ts'
import { whyItWaits, type Waiting } from './why.ts'

const NOW = new Date('2026-03-04T12:00:00Z')
const line: Line = { pausedAt: null, places: 4, running: 4, queued: 0, othersWaiting: [], tookMs: new Map() }
const job: Waiting = {
  state: 'queued',
  cancelRequested: false,
  ownBefore: 0,
  before: 0,
  runAt: null,
  errorMessage: null,
  errorClass: null,
}
const why = (of: Partial<Waiting>, at: Partial<Line> = {}) => whyItWaits({ ...job, ...of }, { ...line, ...at }, NOW)

test.each([
  [{ state: 'waiting', ownBefore: 3 }, {}, '3 files of this workspace are before it.'],
  [{ state: 'waiting', ownBefore: 1 }, {}, '1 file of this workspace is before it.'],
  [{ state: 'queued', before: 1200 }, {}, '1,200 files are before it.'],
  [{ state: 'queued' }, {}, 'Its turn is next: all 4 places are taken.'],
  [{ state: 'queued' }, { places: 1, running: 1 }, 'Its turn is next: the only place is taken.'],
  [{ state: 'queued' }, { running: 3 }, 'It is about to be taken up.'],
  [{ state: 'queued' }, { places: 0, running: 0 }, 'No worker is running. It is taken up as soon as one is.'],
  [
    { state: 'waiting', ownBefore: 3 },
    { places: 0, pausedAt: new Date('2026-03-04T11:05:59Z') },
    'The queue is paused by the operator since 11:05 UTC. It goes on when they resume it.',
  ],
  [
    { state: 'queued' },
    { pausedAt: new Date('2026-03-03T23:59:00Z') },
    'The queue is paused by the operator since 2026-03-03 23:59 UTC. It goes on when they resume it.',
  ],
  [
    { state: 'retrying', runAt: new Date('2026-03-04T14:05:00Z'), errorMessage: 'The model cannot be reached.' },
    {},
    'It is tried again at 14:05 UTC after: The model cannot be reached.',
  ],
  [
    { state: 'retrying', runAt: new Date('2026-03-04T11:00:00Z'), errorClass: 'worker_lost' },
    {},
    'It is tried again as soon as a place is free after: worker_lost',
  ],
  [
    { state: 'waiting', runAt: new Date('2026-03-05T00:00:00Z') },
    {},
    'It is not to begin before 2026-03-05 00:00 UTC.',
  ],
  [{ state: 'queued', cancelRequested: true }, {}, 'It is being cancelled.'],
  [{ state: 'running' }, {}, null],
  [{ state: 'succeeded' }, { places: 0 }, null],
  [{ state: 'failed' }, { pausedAt: NOW }, null],
] as const)('%j, the line %j: %s', (of, at, said) => {
  expect(why(of, at)).toBe(said)
})
