import { appRouter } from '@quarry/api'
import { ERRORS } from '@quarry/contracts'
import { describe, expect, it } from 'vitest'
import { outcomeOf } from './outcome.ts'
import { isStreamed, procedureName } from './procedure-name.ts'

const called = (procedures: string) => procedureName({ procedures, requestClass: 'api' })
// oxlint-disable-next-line no-underscore-dangle -- where tRPC keeps what a router is made of
const ROUTED = Object.entries<unknown>(appRouter._def.procedures)
const NAMES = ROUTED.map(([name]) => name)
// oxlint-disable-next-line no-underscore-dangle -- where tRPC keeps what a router is made of
const typeOf = (procedure: unknown): unknown => (procedure as { readonly _def: { readonly type: unknown } })._def.type

describe('what a request is called', () => {
  it('is the procedure, one name for several, and never what a caller made up', () => {
    for (const name of NAMES) expect(called(name)).toBe(name)
    const [one = '', other = ''] = NAMES
    expect(called(`${one},${one}`)).toBe(one)
    expect(called(`${one}%2C${other}`)).toBe('batch')
    for (const invented of ['alice@example.com', `${one},secret`, '', ',,', '__proto__', 'constructor'])
      expect(called(invented)).toBe('other')
    expect(procedureName({ procedures: null, requestClass: 'static' })).toBe('asset')
    expect(procedureName({ procedures: null, requestClass: 'page' })).toBe('page')
  })

  it('knows which are streams', () => {
    const streams = ROUTED.filter(([, procedure]) => typeOf(procedure) === 'subscription').map(([name]) => name)
    expect(NAMES.filter(isStreamed).toSorted()).toEqual(streams.toSorted())
  })
})

describe('how a request went', () => {
  const ended = (status: number, aborted = false, isStream = false) => outcomeOf({ status, aborted, isStream })
  it('is the code of its error, which its status tells', () => {
    const codes = Object.entries(ERRORS)
    for (const [, { http }] of codes) expect(ended(http)).toBe(codes.find(([, error]) => error.http === http)?.[0])
    // Two codes share it.
    expect(ended(403)).toBe('forbidden')
    expect([ended(200), ended(304), ended(207), ended(405), ended(504)]).toEqual([
      'ok',
      'ok',
      'partly',
      'refused',
      'internal',
    ])
    expect(ended(200, true)).toBe('aborted')
    expect(ended(200, true, true)).toBe('ok')
  })
})
