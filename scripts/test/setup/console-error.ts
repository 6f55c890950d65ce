import { afterEach, beforeEach, expect, vi } from 'vitest'

/**
 * An error on the console that a test did not expect fails it: React and others report broken code there and go on.
 * A test that expects one replaces `console.error` with its own spy.
 */
const seen: string[] = []

beforeEach(() => {
  seen.length = 0
  vi.spyOn(console, 'error').mockImplementation((...values: unknown[]) => {
    seen.push(values.map(String).join(' '))
  })
})

afterEach(() => {
  const unexpected = [...seen]
  vi.restoreAllMocks()
  expect(unexpected, 'console.error was called').toEqual([])
})
