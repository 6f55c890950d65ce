import { documentPlace } from '@quarry/contracts'
import { expect, test } from 'vitest'
import { type DocumentPlace, placeText } from './place-text.ts'

const place = (over: Partial<DocumentPlace>): DocumentPlace => ({
  ...documentPlace.parse({
    documentId: '0190a8c0-0000-7000-8000-000000000001',
    jobId: null,
    state: 'waiting',
    ahead: null,
    etaSeconds: null,
    why: null,
  }),
  ...over,
})

test('how many files are before it, and how long it takes', () => {
  expect(placeText(place({ ahead: 7, etaSeconds: 130 }))).toBe('7 files before it, about 2 minutes')
  expect(placeText(place({ ahead: 1 }))).toBe('1 file before it')
  expect(placeText(place({ state: 'queued', ahead: 0, etaSeconds: 20 }))).toBe('next in line, less than a minute')
})

test('what runs has only the time that is left', () => {
  expect(placeText(place({ state: 'running', ahead: 0, etaSeconds: 7200 }))).toBe('about 2 hours')
  expect(placeText(place({ state: 'running' }))).toBeNull()
})

test('where no time can be told, the reason is', () => {
  expect(placeText(place({ why: 'The queue is paused.', ahead: 3 }))).toBe('The queue is paused.')
  expect(placeText(place({ state: 'retrying', ahead: 3, why: 'It is tried again at 12:00.', etaSeconds: 5 }))).toBe(
    'It is tried again at 12:00.',
  )
})
