import { createHash } from 'node:crypto'
import { createInvitationOutput, invitation, invitationPreview, me, role, type Actor } from '@quarry/contracts'
import { createTenant, type TestTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { createPerson, joinAs, membershipOf, startProcess, type Process } from './testing/tenancy.ts'

let process: Process
let tenant: TestTenant
beforeAll(async () => {
  process = await startProcess()
})
beforeEach(async () => {
  tenant = await createTenant(process.database)
})
afterAll(() => process.close())

const invite = async (email: string, input: object = {}, by: Actor = tenant.owner) => {
  const created = await process.get(createInvitationOutput, by, 'invitations.create', { email, ...input })
  return { ...created.invitation, token: created.link.slice(created.link.lastIndexOf('/') + 1), link: created.link }
}
const list = () => process.get(z.array(invitation), tenant.owner, 'invitations.list')
const preview = (token: string) => process.try(null, 'invitations.preview', { token })
const accept = (actor: Actor, token: string) => process.try(actor, 'invitations.accept', { token })
const roleOf = async (actor: Actor) => {
  const [row] = await process.database.owner.unsafe<{ role: string }[]>(
    `select role from auth.member where organization_id = $1 and user_id = $2`,
    [tenant.orgId, actor.id],
  )
  return row?.role
}
const refused = { ok: false, status: 404 }

it('a link tells who holds it what it is, is stored as a hash only, and lets its address in once', async () => {
  const { actor, email } = await createPerson(process, tenant)
  const { token, link, id } = await invite(email, { role: 'viewer' })
  expect(link).toBe(`${process.core.deps.adapters.publicUrl}/join/${token}`)
  expect(Buffer.from(token, 'base64url')).toHaveLength(32)
  const [row] = await process.database.owner.unsafe(`select * from auth.invitation where id = $1`, [id])
  expect(JSON.stringify(row)).not.toContain(token)
  expect(row?.['token_hash']).toBe(createHash('sha256').update(token).digest('hex'))

  const shown = await preview(token)
  expect(shown).toMatchObject({ ok: true })
  if (shown.ok)
    expect(invitationPreview.parse(shown.output)).toMatchObject({
      organisation: tenant.name,
      email,
      role: 'viewer',
      invitedBy: 'The owner',
      hasAccount: true,
    })
  expect(await accept(actor, token)).toEqual({ ok: true, output: { organisationId: tenant.orgId } })
  expect(await roleOf(actor)).toBe('viewer')
  expect(await preview(token)).toMatchObject(refused)
  expect((await list()).map(({ state }) => state)).toEqual(['accepted'])
})

it('accepting again, or as a member already, changes nothing and goes to the organisation', async () => {
  const { actor, email } = await createPerson(process, tenant)
  const { token } = await invite(email, { role: 'viewer' })
  const twice = await Promise.all([accept(actor, token), accept(actor, token), accept(actor, token)])
  expect(twice).toMatchObject([{ ok: true }, { ok: true }, { ok: true }])
  await process.get(z.unknown(), tenant.owner, 'members.changeRole', {
    id: await membershipOf(process, tenant, actor),
    role: 'admin',
  })
  expect(await accept(actor, token)).toMatchObject({ ok: true })
  expect(await roleOf(actor)).toBe('admin')
  const events = await process.database.owner.unsafe(
    `select 1 from audit_event where org_id = $1 and action = 'invitation.accept'`,
    [tenant.orgId],
  )
  expect(events).toHaveLength(1)
})

it('a link that was used does not let in again who was removed', async () => {
  const { actor, email } = await createPerson(process, tenant)
  const { token } = await invite(email)
  await accept(actor, token)
  await process.get(z.unknown(), tenant.owner, 'members.remove', { id: await membershipOf(process, tenant, actor) })
  expect(await accept(actor, token)).toMatchObject(refused)
  expect(await roleOf(actor)).toBeUndefined()
})

it('a link is for its address alone, and says which one that is', async () => {
  const { email } = await createPerson(process, tenant)
  const { actor: other } = await createPerson(process, tenant)
  const { token } = await invite(email.toUpperCase())
  expect(await accept(other, token)).toMatchObject({
    status: 403,
    body: {
      message: expect.stringContaining(email),
      action: 'Sign out, and sign in with that address.',
      details: { email },
    },
  })
  expect(await roleOf(other)).toBeUndefined()
  expect(await preview(token)).toMatchObject({ ok: true })
})

it('a link ends when it is revoked, when it is replaced, and with its time; and is refused like one that never was', async () => {
  const never = await preview('x'.repeat(43))
  expect(never).toMatchObject(refused)
  const { actor, email } = await createPerson(process, tenant)
  const revoked = await invite(email)
  await process.get(z.unknown(), tenant.owner, 'invitations.revoke', { id: revoked.id })
  await process.get(z.unknown(), tenant.owner, 'invitations.revoke', { id: revoked.id })
  const replaced = await invite(email)
  const expired = await invite(email, { role: 'admin' })
  expect(expired.id).toBe(replaced.id)
  await process.database.owner.unsafe(`update auth.invitation set expires_at = now() where id = $1`, [expired.id])
  for (const { token } of [revoked, replaced, expired]) {
    expect(await preview(token)).toEqual(never)
    expect(await accept(actor, token)).toEqual(never)
  }
  expect((await list()).map(({ state }) => state)).toEqual(['expired', 'revoked'])
  const again = await invite(email, { role: 'member' })
  expect(await accept(actor, again.token)).toMatchObject({ ok: true })
  expect(await roleOf(actor)).toBe('member')
  expect(await process.try(tenant.owner, 'invitations.revoke', { id: again.id })).toMatchObject({ status: 409 })
})

it('twenty people who open one link at once are one member', async () => {
  const { actor, email } = await createPerson(process, tenant)
  const strangers = await Promise.all(Array.from({ length: 19 }, () => createPerson(process, tenant)))
  const { token } = await invite(email)
  const outcomes = await Promise.all([actor, ...strangers.map((s) => s.actor)].map((one) => accept(one, token)))
  expect(outcomes.filter(({ ok }) => ok)).toHaveLength(1)
  const members = await process.database.owner.unsafe(`select 1 from auth.member where organization_id = $1`, [
    tenant.orgId,
  ])
  expect(members).toHaveLength(role.options.length + 1)
})

it('nobody invites an owner, or a member again; who lost the right to invite leaves no open link', async () => {
  const { actor, email } = await createPerson(process, tenant)
  expect(await process.try(tenant.owner, 'invitations.create', { email, role: 'owner' })).toMatchObject({ status: 400 })
  const admin = await joinAs(process, tenant, 'admin')
  const { token } = await invite(email, { role: 'admin' }, admin)
  await process.get(z.unknown(), tenant.owner, 'members.changeRole', {
    id: await membershipOf(process, tenant, admin),
    role: 'member',
  })
  expect(await accept(actor, token)).toMatchObject(refused)
  await accept(actor, (await invite(email)).token)
  expect(await process.try(tenant.owner, 'invitations.create', { email })).toMatchObject({ status: 409 })
})

it('a person in two organisations works in one at a time, which they choose per session', async () => {
  const other = await createTenant(process.database)
  const { actor, email } = await createPerson(process, tenant)
  await accept(actor, (await invite(email)).token)
  await process.database.owner.unsafe(
    `insert into auth.member (organization_id, user_id, role) values ($1, $2, 'viewer')`,
    [other.orgId, actor.id],
  )
  const described = await process.get(me, actor, 'session.me')
  expect(described.organisations.map(({ id, role }) => [id, role])).toEqual([
    [tenant.orgId, 'member'],
    [other.orgId, 'viewer'],
  ])
  expect(await process.try(actor, 'organisation.switch', { id: other.orgId })).toMatchObject({ ok: true })
  const events = await process.database.owner.unsafe(
    `select org_id from audit_event where action = 'organisation.switch' and actor_id = $1`,
    [actor.id],
  )
  expect(events.map((row) => row['org_id'])).toContain(other.orgId)
})
