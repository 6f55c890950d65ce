import { expect, it, vi } from 'vitest'
import { NotKept } from './kept-answers.ts'

it('is known from another copy of its module, and nothing else is', async () => {
  vi.resetModules()
  const copy = await import('./kept-answers.ts')
  expect(copy.NotKept).not.toBe(NotKept)
  expect(new copy.NotKept('an answer')).toBeInstanceOf(NotKept)
  expect(new Error('this answer is not kept')).not.toBeInstanceOf(NotKept)
})
