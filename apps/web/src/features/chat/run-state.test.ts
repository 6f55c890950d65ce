import type { RunEvent, RunEventBody } from '@quarry/contracts'
import { citation } from '@quarry/contracts'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { applyRunEvent, initialRun, type RunState } from './run-state.ts'

const uuid = '0190a8c0-0000-7000-8000-00000000000'
const someCitation = (marker: number) =>
  citation.parse({
    id: `${uuid}${marker}`,
    marker,
    documentId: `${uuid}0`,
    versionId: `${uuid}0`,
    document: 'a.pdf',
    title: 'a',
    ordinal: 1,
    page: 1,
    heading: null,
    span: { start: 0, end: 4 },
    quote: 'word',
    verified: true,
  })

const body: fc.Arbitrary<RunEventBody> = fc.oneof(
  fc.record({ type: fc.constant('text' as const), delta: fc.string({ maxLength: 8 }) }),
  fc.record({
    type: fc.constant('status' as const),
    status: fc.constantFrom('searching' as const, 'writing' as const),
  }),
  fc.record({
    type: fc.constant('tool' as const),
    callId: fc.constantFrom('a', 'b'),
    tool: fc.constant('search_documents' as const),
    phase: fc.constantFrom('call' as const, 'result' as const, 'error' as const),
    summary: fc.string({ maxLength: 5 }),
  }),
  fc.integer({ min: 1, max: 9 }).map((n) => ({ type: 'citation' as const, citation: someCitation(n) })),
  fc.constant({ type: 'reset' as const }),
  fc
    .string({ maxLength: 8 })
    .map((text) => ({ type: 'reset' as const, text, citations: [someCitation(1)], steps: [] })),
  fc.constant({ type: 'move' as const }),
)

const log = fc
  .array(body, { maxLength: 40 })
  .map((bodies): RunEvent[] => bodies.map((b, i) => ({ ...b, id: i + 1, attempt: 1 })))

const read = (events: readonly RunEvent[], from: RunState = initialRun) => events.reduce(applyRunEvent, from)

describe('applyRunEvent', () => {
  it('gives the same state when a reader leaves anywhere and resumes after the last id it saw', () => {
    fc.assert(
      fc.property(log, fc.nat(40), (events, cut) => {
        const before = read(events.slice(0, cut))
        const rest = events.filter((e) => e.id > before.lastEventId)
        expect(read(rest, before)).toEqual(read(events))
      }),
    )
  })

  it('gives the same state when the log is replayed over what was seen', () => {
    fc.assert(
      fc.property(log, fc.nat(40), (events, cut) => {
        expect(read(events, read(events.slice(0, cut)))).toEqual(read(events))
      }),
    )
  })

  it('forgets the text, sources and steps of an earlier attempt at a reset', () => {
    fc.assert(
      fc.property(log, log, (earlier, later) => {
        const reset: RunEvent = { type: 'reset', id: earlier.length + 1, attempt: 2 }
        const shifted = later.map((e) => ({ ...e, id: e.id + earlier.length + 1, attempt: 2 }))
        const { lastEventId: _, ...state } = read([...earlier, reset, ...shifted])
        const { lastEventId: __, ...fresh } = read(later)
        expect(state).toEqual(fresh)
      }),
    )
  })

  it('is being written after a reset that has text, and has just begun after one that has none', () => {
    const reset = { type: 'reset', id: 1, attempt: 2 } as const
    expect(read([{ ...reset, text: 'one' }]).status).toBe('writing')
    expect(read([{ ...reset, text: '' }]).status).toBe('started')
    expect(read([reset]).status).toBe('started')
  })

  it('ties the result of a tool to its call', () => {
    const events: RunEvent[] = [
      { id: 1, attempt: 1, type: 'tool', callId: 'x', tool: 'search_documents', phase: 'call', summary: 'leave days' },
      {
        id: 2,
        attempt: 1,
        type: 'tool',
        callId: 'x',
        tool: 'search_documents',
        phase: 'result',
        summary: '3 passages',
      },
    ]
    expect(read(events).steps).toEqual([
      { callId: 'x', tool: 'search_documents', summary: 'leave days', outcome: '3 passages', failed: false },
    ])
  })
})
