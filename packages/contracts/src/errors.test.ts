import { expect, it, vi } from 'vitest'
import { AppError, ERRORS } from './errors.ts'

it('knows an error of another copy of this module, and nothing else', async () => {
  vi.resetModules()
  const copy = await import('./errors.ts')
  expect(copy.AppError).not.toBe(AppError)
  expect(new copy.AppError('conflict')).toBeInstanceOf(AppError)
  expect(new Error('conflict')).not.toBeInstanceOf(AppError)
  expect({ code: 'conflict' }).not.toBeInstanceOf(AppError)
  expect(null).not.toBeInstanceOf(AppError)
})

it('says what to do next: what its code says, or what it knows better', () => {
  expect(new AppError('conflict').action).toBe(ERRORS.conflict.action)
  expect(new AppError('conflict', { action: 'Choose another name.' }).action).toBe('Choose another name.')
})
