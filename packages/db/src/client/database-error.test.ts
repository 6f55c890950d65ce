import { expect, it, vi } from 'vitest'
import { DatabaseError } from './database-error.ts'

it('is known from another copy of this module, and nothing else is', async () => {
  vi.resetModules()
  const copy = await import('./database-error.ts')
  expect(copy.DatabaseError).not.toBe(DatabaseError)
  const { default: postgres } = await import('postgres')
  const refused = new postgres.PostgresError('twice')
  Object.assign(refused, { code: '23505' })
  expect(new copy.DatabaseError(refused)).toBeInstanceOf(DatabaseError)
  expect(new Error('23505')).not.toBeInstanceOf(DatabaseError)
})
