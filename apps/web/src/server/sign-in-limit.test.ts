import { expect, it } from 'vitest'
import { countSignIn, forgetSignIns } from './sign-in-limit.ts'

it('lets ten attempts a minute at one account through, however its address is spelled', () => {
  const waits = Array.from({ length: 12 }, (_, i) => countSignIn(i % 2 ? 'A@x.test' : ' a@x.test', 1000 + i))
  expect(waits.slice(0, 10).every((wait) => wait === 0)).toBe(true)
  expect(waits.slice(10)).toEqual([60, 60])
  expect(countSignIn('b@x.test', 1020)).toBe(0)
  expect(countSignIn('a@x.test', 61_001)).toBe(0)
})

it('starts again after a right password', () => {
  for (let i = 0; i < 10; i++) countSignIn('c@x.test', 1000)
  forgetSignIns('C@x.test')
  expect(countSignIn('c@x.test', 1000)).toBe(0)
})
