import { EventEmitter } from 'node:events'
import { expect, test } from 'vitest'
import { createBulkGate } from './bulk-gate.ts'

test('of places that ask before any of them looks, one is kept free from bulk', () => {
  const events = new EventEmitter()
  const gate = createBulkGate(events, 2, () => [])
  const says = (event: string, workerId: string) => events.emit(event, { worker: { workerId } })
  const places = ['a', 'b', 'c']
  expect(places.map(() => gate.forbidden())).toEqual([[], [], ['bulk']])
  for (const place of places) says('worker:getJob:start', place)
  expect(gate.forbidden()).toEqual(['bulk'])
  for (const place of places) says('worker:getJob:empty', place)
  // From now on each looks at once after it has asked.
  const look = (place: string) => {
    const answer = gate.forbidden()
    says('worker:getJob:start', place)
    return answer
  }
  expect(places.map(look)).toEqual([[], [], ['bulk']])
  for (const place of places) says('worker:getJob:empty', place)
  expect(places.map(look)).toEqual([[], [], ['bulk']])
})
