import { randomUUID } from 'node:crypto'
import { can, member, outranks, role, type Actor, type Role } from '@quarry/contracts'
import { BOTH_DATABASES, createCollection, createTenant, grantCollection, type TestTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { createPerson, joinAs, membershipOf, startProcess, type Process } from './testing/tenancy.ts'

const anything = z.unknown()

describe.each(BOTH_DATABASES)('on %s', (_, open) => {
  let process: Process
  let tenant: TestTenant
  beforeAll(async () => {
    process = await startProcess(await open())
  })
  beforeEach(async () => {
    tenant = await createTenant(process.database)
  })
  afterAll(() => process.close())

  const remove = async (by: Actor, whom: Actor) =>
    process.try(by, 'members.remove', { id: await membershipOf(process, tenant, whom) })
  const change = async (by: Actor, whom: Actor, to: Role) =>
    process.try(by, 'members.changeRole', { id: await membershipOf(process, tenant, whom), role: to })
  const owners = async () =>
    process.database.owner.unsafe(`select user_id from auth.member where organization_id = $1 and role = 'owner'`, [
      tenant.orgId,
    ])

  it('lists members with their roles, those who may most first', async () => {
    const members = await process.get(z.array(member), tenant.viewer, 'members.list')
    expect(members.map((one) => one.role)).toEqual([...role.options])
    expect(members.every(({ lastSeenAt }) => lastSeenAt === null)).toBe(true)
  })

  it('nobody gives, changes or takes a role above their own', async () => {
    for (const by of role.options)
      for (const from of role.options)
        for (const to of role.options) {
          const target = await joinAs(process, tenant, from)
          const allowed = can(by, 'members.manage') && !outranks(from, by) && !outranks(to, by)
          const outcome = await change(tenant[by], target, to)
          expect(outcome, `${by} makes a ${from} ${to}`).toMatchObject(allowed ? { ok: true } : { status: 403 })
        }
  })

  it('nobody removes somebody above them', async () => {
    for (const by of role.options)
      for (const of of role.options) {
        const allowed = can(by, 'members.manage') && !outranks(of, by)
        const outcome = await remove(tenant[by], await joinAs(process, tenant, of))
        expect(outcome, `${by} removes a ${of}`).toMatchObject(allowed ? { ok: true } : { status: 403 })
      }
  })

  it('the last owner neither leaves, nor is demoted, nor removed; with another one they may', async () => {
    const refused = { ok: false, status: 409, body: { message: expect.stringContaining('last owner') } }
    expect(await process.try(tenant.owner, 'members.leave')).toMatchObject(refused)
    expect(await change(tenant.owner, tenant.owner, 'admin')).toMatchObject(refused)
    expect(await remove(tenant.owner, tenant.owner)).toMatchObject(refused)
    const second = await joinAs(process, tenant, 'owner')
    expect(await process.try(tenant.owner, 'members.leave')).toMatchObject({ ok: true })
    expect(await process.try(second, 'members.leave')).toMatchObject(refused)
  })

  it('of owners who all leave, demote and remove each other at once, one stays', async () => {
    const all = [tenant.owner]
    for (let i = 0; i < 5; i++) all.push(await joinAs(process, tenant, 'owner'))
    const ids = await Promise.all(all.map((one) => membershipOf(process, tenant, one)))
    const outcomes = await Promise.all(
      all.map((one, i) => {
        const next = ids[(i + 1) % ids.length]
        if (i % 3 === 0) return process.try(one, 'members.leave')
        if (i % 3 === 1) return process.try(one, 'members.remove', { id: next })
        return process.try(one, 'members.changeRole', { id: next, role: 'viewer' })
      }),
    )
    expect((await owners()).length).toBeGreaterThanOrEqual(1)
    for (const outcome of outcomes) if (!outcome.ok) expect([401, 403, 404, 409]).toContain(outcome.status)

    const pair = await createTenant(process.database)
    const partner = await joinAs(process, pair, 'owner')
    const both = await Promise.all([process.try(pair.owner, 'members.leave'), process.try(partner, 'members.leave')])
    expect(both.filter(({ ok }) => ok)).toHaveLength(1)
  })

  it('who was removed a moment ago does nothing with the role that a process remembers', async () => {
    const { email } = await createPerson(process, tenant)
    const collectionId = await createCollection(tenant, { visibility: 'restricted' })
    const viewerId = await membershipOf(process, tenant, tenant.viewer)
    expect(await remove(tenant.owner, tenant.admin)).toMatchObject({ ok: true })
    for (const [path, input] of [
      ['invitations.create', { email }],
      ['keys.create', { name: 'back door' }],
      ['members.changeRole', { id: viewerId, role: 'admin' }],
      ['members.remove', { id: viewerId }],
      ['collections.update', { id: collectionId, visibility: 'organisation' }],
      ['collections.grant', { collectionId, grantee: { kind: 'user', id: tenant.viewer.id } }],
    ] as const)
      expect(await process.try(tenant.admin, path, input), path).toMatchObject({ ok: false, status: 401 })
  })

  it('a removed member leaves no grant, link or session in the organisation; their key stays, without grants', async () => {
    const collectionId = await createCollection(tenant, { visibility: 'restricted' })
    const { key } = await process.get(z.object({ key: z.looseObject({ id: z.uuid() }) }), tenant.admin, 'keys.create', {
      name: 'of the admin',
      role: 'viewer',
    })
    await grantCollection(tenant, collectionId, tenant.admin)
    const grantee = { kind: 'api_key', id: key.id }
    await process.get(anything, tenant.admin, 'collections.grant', { collectionId, grantee })
    const { email, actor } = await createPerson(process, tenant)
    const { link } = await process.get(z.object({ link: z.string() }), tenant.admin, 'invitations.create', { email })
    await process.get(anything, tenant.admin, 'organisation.switch', { id: tenant.orgId })

    expect(await remove(tenant.owner, tenant.admin)).toMatchObject({ ok: true })
    const left = async (text: string) => (await process.database.owner.unsafe(text, [tenant.orgId])).length
    expect(await left(`select 1 from collection_grant where org_id = $1`)).toBe(0)
    expect(await left(`select 1 from auth.session where active_organization_id = $1`)).toBe(0)
    expect(await left(`select 1 from auth.invitation where organization_id = $1 and status = 'pending'`)).toBe(0)
    const token = link.slice(link.lastIndexOf('/') + 1)
    expect(await process.try(actor, 'invitations.accept', { token })).toMatchObject({ ok: false, status: 404 })
    const keys = await process.get(z.array(z.looseObject({ id: z.string() })), tenant.owner, 'keys.list')
    expect(keys.find(({ id }) => id === key.id)).toMatchObject({ madeBy: { name: 'The admin', isThere: false } })
  })

  it('a member who comes back finds their conversations, which nobody saw in between', async () => {
    const question = { text: 'Is anybody there?', idempotencyKey: randomUUID() }
    const { conversationId } = await process.get(
      z.looseObject({ conversationId: z.string() }),
      tenant.member,
      'chat.send',
      question,
    )
    await process.get(anything, tenant.member, 'members.leave')
    for (const other of [tenant.owner, tenant.admin, tenant.viewer])
      expect(await process.try(other, 'conversations.get', { id: conversationId })).toMatchObject({ status: 404 })
    const [{ email } = { email: '' }] = await process.database.owner.unsafe<{ email: string }[]>(
      `select email from auth."user" where id = $1`,
      [tenant.member.id],
    )
    const { link } = await process.get(z.object({ link: z.string() }), tenant.owner, 'invitations.create', {
      email,
      role: 'viewer',
    })
    const token = link.slice(link.lastIndexOf('/') + 1)
    await process.get(anything, tenant.member, 'invitations.accept', { token })
    const back: Actor = { ...tenant.viewer, id: tenant.member.id } as Actor
    expect(await process.try(back, 'conversations.get', { id: conversationId })).toMatchObject({ ok: true })
  })

  it("a key of an admin's role manages members below owners, but neither invites nor leaves", async () => {
    const { key } = await process.get(z.object({ key: z.looseObject({ id: z.uuid() }) }), tenant.owner, 'keys.create', {
      name: 'manager',
      role: 'admin',
    })
    const asKey = { kind: 'api_key', id: key.id, orgId: tenant.orgId, role: 'admin' } as Actor
    expect(await change(asKey, tenant.viewer, 'member')).toMatchObject({ ok: true })
    expect(await change(asKey, tenant.owner, 'member')).toMatchObject({ status: 403 })
    expect(await process.try(asKey, 'invitations.create', { email: 'a@quarry.test' })).toMatchObject({ status: 403 })
    expect(await process.try(asKey, 'members.leave')).toMatchObject({ status: 403 })
  })
})
