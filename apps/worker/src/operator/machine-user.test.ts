import { expect, test } from 'vitest'
import { machineUser } from './machine-user.ts'

test('an account is called by its name, and by its number where it has none', () => {
  expect(machineUser(() => ({ username: 'ada' }))).toBe('ada')
  const nameless = () => {
    throw new Error('A system error occurred: uv_os_get_passwd returned ENOENT')
  }
  expect(machineUser(nameless)).toBe(`uid ${process.getuid?.()}`)
})
