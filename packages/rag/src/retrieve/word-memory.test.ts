import { expect, test } from 'vitest'
import { WordMemory } from './word-memory.ts'

test('a word is known in the configurations it was learned in, and in no others', () => {
  const memory = new WordMemory(10)
  memory.set('english', 'studies', ['studi'])
  expect(memory.get('english', 'studies')).toEqual(['studi'])
  expect(memory.get('german', 'studies')).toBeUndefined()
  expect(memory.get('english', 'study')).toBeUndefined()
})

test('never holds more than it may, and forgets what nobody has asked for', () => {
  const memory = new WordMemory(10)
  memory.set('english', 'kept', ['kept'])
  for (let i = 0; i < 40; i++) {
    memory.set(i % 2 === 0 ? 'english' : 'german', `word${i}`, [])
    expect(memory.get('english', 'kept')).toEqual(['kept'])
  }
  const known = Array.from({ length: 40 }, (_, i) => i).filter(
    (i) => memory.get(i % 2 === 0 ? 'english' : 'german', `word${i}`) !== undefined,
  )
  expect(known.length).toBeLessThanOrEqual(10)
  expect(known.at(-1)).toBe(39)
  expect(known).not.toContain(0)
})
