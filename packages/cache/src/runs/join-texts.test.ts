import { expect, test } from 'vitest'
import type { RunEventBody } from '@quarry/contracts'
import { END, text } from '../testing/runs.ts'
import { eventsAfter } from './join-texts.ts'

const stored = (all: readonly (readonly [id: number, attempt: number, body: RunEventBody])[]) =>
  all.map(([id, attempt, body]) => ({ event: { ...body, id, attempt }, bytes: 1 }))
const shown = (lastId: number, events: ReturnType<typeof stored>, joins: boolean) =>
  eventsAfter(lastId, events, joins).map(({ first, event }) => [
    first.id,
    event.id,
    event.type === 'text' ? event.delta : event.type,
  ])

const EVENTS = stored([
  [1, 1, text('a')],
  [2, 1, text('b')],
  [3, 1, { type: 'status', status: 'writing' }],
  [4, 1, text('c')],
  [6, 1, text('d')],
  [7, 1, text('e')],
  [8, 2, text('f')],
  [9, 2, END],
])

test('texts in a row come as one under the last id; nothing is joined over a gap, another event or an attempt', () => {
  expect(shown(0, EVENTS, true)).toEqual([
    [1, 2, 'ab'],
    [3, 3, 'status'],
    [4, 4, 'c'],
    [6, 7, 'de'],
    [8, 8, 'f'],
    [9, 9, 'end'],
  ])
})

test('what the reader has is left out before anything is joined', () => {
  expect(shown(6, EVENTS, true)).toEqual([
    [7, 7, 'e'],
    [8, 8, 'f'],
    [9, 9, 'end'],
  ])
  expect(shown(0, EVENTS, false)).toHaveLength(EVENTS.length)
})
