import { describe, expect, test } from 'vitest'
import { expectationOf, fitOf } from './expectation.ts'

describe('expectationOf', () => {
  test.each([
    ['Until when can I hand in a receipt?', 'limit'],
    ['How long do I have to appeal?', 'limit'],
    ['Bis wann läuft die Frist?', 'limit'],
    ['When was it built?', 'date'],
    ['いつ開きますか', 'date'],
    ['How many lamps are there?', 'count'],
    ['Which firmware version fixed it?', 'number'],
    ['Wer leitet den Verein?', 'person'],
    ['Qui prépare le dîner ?', 'person'],
    ['What should I do when the display shows E-22?', null],
    ['Why was it removed?', null],
  ] as const)('%s → %s', (question, kind) => {
    expect(expectationOf(question)).toBe(kind)
  })
})

describe('fitOf', () => {
  test('a limit is a date or a length of time', () => {
    expect(fitOf('limit', 'Receipts are handed in within 30 days.', [])).toBe(1)
    expect(fitOf('limit', 'It must be used by 31 March.', [])).toBe(1)
    expect(fitOf('limit', 'Receipts are handed in through the form.', [])).toBe(0)
  })
  test('what the question says itself is no answer', () => {
    expect(fitOf('number', 'Revenue in 2023 was good.', ['revenue', '2023'])).toBe(0)
    expect(fitOf('number', 'Revenue in 2023 was 412,600 pounds.', ['revenue', '2023'])).toBe(1)
    expect(fitOf('person', 'The Marigold carries 148 passengers and the Heron carries 96.', ['marigold'])).toBe(0)
  })
  test('a count may be in words, a value may not', () => {
    expect(fitOf('count', 'Four hives stand there.', ['hives'])).toBe(1)
    expect(fitOf('number', 'Four hives stand there.', ['hives'])).toBe(0)
    expect(fitOf('count', 'Drills are held every month.', ['drills'])).toBe(1)
  })
  test('a measured thing needs its unit', () => {
    expect(fitOf('number', 'It holds 12 samples.', ['temperature'])).toBe(0)
    expect(fitOf('number', 'It runs at 35 °C.', ['temperature'])).toBe(1)
    expect(fitOf('count', 'The far collections include 70,000 works.', ['far'])).toBe(1)
  })
})
