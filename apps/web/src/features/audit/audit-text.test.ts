import type { AuditEvent } from '@quarry/contracts'
import { expect, test } from 'vitest'
import { actionText, actorName, detailsText } from './audit-text.ts'

const event = (over: Partial<AuditEvent>): AuditEvent => ({
  id: '019a0000-0000-7000-8000-000000000001',
  at: '2026-11-23T12:00:00.000Z',
  actor: { kind: 'user', id: '019a0000-0000-7000-8000-000000000002', name: 'Ada', email: 'ada@quarry.test' },
  action: 'member.remove',
  subject: { kind: 'user', id: '019a0000-0000-7000-8000-000000000003', name: 'Grace' },
  details: {},
  requestId: null,
  ...over,
})

test('who did what to whom', () => {
  expect(actorName(event({}))).toBe('Ada')
  expect(actionText(event({}))).toBe('removed Grace')
})

test('what somebody does to themselves names nobody twice', () => {
  const subject = { kind: 'user', id: event({}).actor.id ?? '', name: 'Ada' }
  expect(actionText(event({ action: 'member.leave', subject }))).toBe('left the workspace')
})

test('an action that has no words yet, and an actor that is gone, are shown all the same', () => {
  expect(actionText(event({ action: 'quota.raise' }))).toBe('quota.raise Grace')
  expect(actorName(event({ actor: { kind: 'api_key', id: null, name: null, email: null } }))).toBe('a key that is gone')
})

test('details say what changed', () => {
  expect(detailsText({ role: 'admin', visibility: { from: 'organisation', to: 'restricted' } })).toBe(
    'role: admin, visibility: organisation → restricted',
  )
  expect(detailsText({ grantee: { kind: 'user', id: 'x', name: 'Grace' } })).toBe('grantee: Grace')
})
