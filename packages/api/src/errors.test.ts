import { AppError } from '@quarry/contracts'
import { TRPCError } from '@trpc/server'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { errorShape, toAppError } from './errors.ts'

const bad = z.strictObject({ id: z.uuid() }).safeParse({ id: 'x', orgId: 1 }).error

describe('what was thrown', () => {
  it.each([
    ['an error of ours', new AppError('conflict'), 'conflict'],
    [
      'one that libraries wrapped',
      new Error('a', { cause: new Error('b', { cause: new AppError('unavailable') }) }),
      'unavailable',
    ],
    ['one in tRPC', new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: new AppError('not_found') }), 'not_found'],
    ['an input that does not fit', new TRPCError({ code: 'BAD_REQUEST', cause: bad }), 'invalid_input'],
    ['an output that does not fit', new TRPCError({ code: 'INTERNAL_SERVER_ERROR', cause: bad }), 'internal'],
    ['a schema of our own that does not fit', bad, 'internal'],
    ['an unknown procedure', new TRPCError({ code: 'NOT_FOUND' }), 'not_found'],
    ['a bug', new TypeError('x is not a function'), 'internal'],
    ['no error at all', 'text', 'internal'],
  ])('%s', (_, thrown, code) => {
    expect(toAppError(thrown).code).toBe(code)
  })
})

it('a caller sees fields and ids, and nothing of the inside', () => {
  const shape = errorShape(toAppError(new TRPCError({ code: 'BAD_REQUEST', cause: bad })), 'r1')
  expect(Object.keys(z.object({ fields: z.looseObject({}) }).parse(shape.details).fields).toSorted()).toEqual([
    '',
    'id',
  ])
  const inside = errorShape(toAppError(new Error('select secret from auth.apikey')), 'r2')
  expect(JSON.stringify(inside)).not.toContain('secret')
  expect(inside).toMatchObject({ code: 'internal', requestId: 'r2' })
})
