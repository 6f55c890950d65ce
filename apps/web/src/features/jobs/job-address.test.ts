import { expect, test } from 'vitest'
import { EVERY_JOB, isNarrowed, jobHref, type JobPlace, listInputOf, parseJobPlace } from './job-address.ts'

const parsed = (href: string): JobPlace => parseJobPlace(new URL(href, 'http://quarry').searchParams)

test('an address gives back what it was made of', () => {
  const place: JobPlace = {
    state: 'unfinished',
    kind: 'document.process',
    query: 'hand book & co',
    asked: { from: '2026-11-01', to: null },
    errorClass: 'worker_lost',
    organisation: parsed('/operations/jobs?workspace=0190a8c0-0000-7000-8000-000000000001').organisation,
    cursor: 'abc_-1',
  }
  expect(place.organisation).not.toBeNull()
  expect(parsed(jobHref('/jobs', place))).toEqual(place)
  expect(jobHref('/jobs', EVERY_JOB)).toBe('/jobs')
})

test('what an address says wrongly is left out', () => {
  expect(parsed('/jobs?state=sleeping&kind=x&asked=someday&workspace=1&reason=')).toEqual(EVERY_JOB)
  expect(parsed(`/jobs?from=${'x'.repeat(501)}`).cursor).toBeNull()
})

test('where a page begins is no filter', () => {
  expect(isNarrowed({ ...EVERY_JOB, cursor: 'abc' })).toBe(false)
  expect(isNarrowed({ ...EVERY_JOB, state: 'failed' })).toBe(true)
})

test('days become the moments between which a job was asked for', () => {
  const { from, to } = listInputOf({ ...EVERY_JOB, asked: { from: '2026-11-01', to: '2026-11-02' } })
  expect(Date.parse(to ?? '') - Date.parse(from ?? '')).toBe(2 * 24 * 3600 * 1000)
})
