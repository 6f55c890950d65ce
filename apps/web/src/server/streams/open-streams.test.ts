import { randomUUID } from 'node:crypto'
import { AppError, orgId, userId } from '@quarry/contracts'
import { expect, it } from 'vitest'
import { createOpenStreams } from './open-streams.ts'

const limits = { maxPerUser: 2, maxPerOrganisation: 3, maxPerProcess: 4 }
const org = () => orgId.parse(randomUUID())
const person = (orgId_ = org()) => ({ orgId: orgId_, id: userId.parse(randomUUID()) })

const limitOf = (enter: () => unknown): unknown => {
  try {
    enter()
  } catch (error) {
    if (error instanceof AppError) return [error.code, error.details?.['limit'], error.details?.['retryAfterSeconds']]
    throw error
  }
  return null
}

it('gives a person, an organisation and the process no more streams than they may have', () => {
  const streams = createOpenStreams(limits)
  const ada = person()
  for (let i = 0; i < 2; i++) streams.enter(ada)
  expect(limitOf(() => streams.enter(ada))).toEqual(['rate_limited', 'streams-per-user', 10])
  streams.enter(person(ada.orgId))
  expect(limitOf(() => streams.enter(person(ada.orgId)))).toEqual(['rate_limited', 'streams-per-organisation', 10])
  streams.enter(person())
  expect(limitOf(() => streams.enter(person()))).toEqual(['rate_limited', 'streams-per-process', 10])
  expect(streams.size, 'who was refused takes no place').toBe(4)
})

it('gives a place back once', () => {
  const streams = createOpenStreams(limits)
  const ada = person()
  const [leave] = [streams.enter(ada), streams.enter(ada)]
  leave()
  leave()
  expect(streams.size).toBe(1)
  streams.enter(ada)
  expect(limitOf(() => streams.enter(ada))).toEqual(['rate_limited', 'streams-per-user', 10])
})
