import { randomUUID } from 'node:crypto'
import { auditEvent, pageOf, type Actor } from '@quarry/contracts'
import { createCollection, createDocument, createTenant, type TestTenant } from '@quarry/db/testing'
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

const withId = z.looseObject({ id: z.string() })
const anything = z.unknown()
const log = (input: object = {}, by: Actor = tenant.owner) =>
  process.get(pageOf(auditEvent), by, 'audit.list', { limit: 100, ...input })
const actions = async (input: object = {}) => (await log(input)).items.map(({ action }) => action)

it('tells all that people do to people, collections and keys, by name, and once', async () => {
  const { owner, admin, member, viewer } = tenant
  const { actor: invited, email } = await createPerson(process, tenant, 'Ines')
  const create = (address: string) =>
    process.get(z.object({ link: z.string(), invitation: withId }), owner, 'invitations.create', { email: address })
  const first = await create('nobody@quarry.test')
  await process.get(anything, owner, 'invitations.revoke', { id: first.invitation.id })
  const second = await create(email)
  await process.get(anything, invited, 'invitations.accept', { token: second.link.slice(-43) })
  await process.get(anything, owner, 'members.changeRole', {
    id: await membershipOf(process, tenant, admin),
    role: 'member',
  })
  await process.get(anything, owner, 'members.remove', { id: await membershipOf(process, tenant, viewer) })
  await process.get(anything, member, 'members.leave')
  const { key } = await process.get(z.object({ key: withId }), owner, 'keys.create', { name: 'ci', role: 'viewer' })
  const { id } = await process.get(withId, owner, 'collections.create', { name: 'Plans', visibility: 'restricted' })
  const grant = { collectionId: id, grantee: { kind: 'api_key', id: key.id } }
  await process.get(anything, owner, 'collections.grant', grant)
  await process.get(anything, owner, 'collections.revokeGrant', grant)
  await process.get(anything, owner, 'collections.update', { id, name: 'Old plans' })
  await process.get(anything, owner, 'collections.delete', { id })
  await process.get(anything, owner, 'keys.revoke', { id: key.id })
  await process.get(anything, owner, 'organisation.rename', { name: 'Fernhollow' })

  const { items } = await log()
  expect(items.map(({ action, actor, subject }) => [action, actor.name, subject.kind, subject.name])).toEqual(
    [
      ['invitation.create', 'The owner', 'invitation', 'nobody@quarry.test'],
      ['invitation.revoke', 'The owner', 'invitation', 'nobody@quarry.test'],
      ['invitation.create', 'The owner', 'invitation', email],
      ['invitation.accept', 'Ines', 'invitation', email],
      ['member.role', 'The owner', 'user', 'The admin'],
      ['member.remove', 'The owner', 'user', 'The viewer'],
      ['member.leave', 'The member', 'user', 'The member'],
      ['key.create', 'The owner', 'api_key', 'ci'],
      ['collection.create', 'The owner', 'collection', 'Plans'],
      ['collection.grant', 'The owner', 'collection', 'Plans'],
      ['collection.revoke', 'The owner', 'collection', 'Plans'],
      ['collection.update', 'The owner', 'collection', 'Plans'],
      ['collection.delete', 'The owner', 'collection', 'Old plans'],
      ['key.revoke', 'The owner', 'api_key', 'ci'],
      ['organisation.rename', 'The owner', 'organisation', 'Fernhollow'],
    ].toReversed(),
  )
  expect(items.find(({ action }) => action === 'collection.grant')?.details).toEqual({
    name: 'Plans',
    grantee: { ...grant.grantee, name: 'ci', email: null },
  })
  expect(items.every(({ requestId }) => requestId !== null)).toBe(true)
  expect(JSON.stringify(items)).not.toContain(second.link.slice(-43))
})

it('names documents by their path, keys that act, and nobody who is gone', async () => {
  const collectionId = await createCollection(tenant)
  const document = await createDocument(tenant, collectionId, { path: 'plans/2026.md' })
  const { key } = await process.get(z.object({ key: withId }), tenant.owner, 'keys.create', {
    name: 'ci',
    role: 'admin',
  })
  const asKey = { kind: 'api_key', id: key.id, orgId: tenant.orgId, role: 'admin' } as Actor
  await process.get(anything, asKey, 'documents.delete', { id: document.documentId })
  await process.database.owner.unsafe(
    `update audit_event set actor_id = $1 where action = 'key.create' and org_id = $2`,
    [randomUUID(), tenant.orgId],
  )
  const kept = await createDocument(tenant, collectionId, { path: 'kept.md' })
  await process.database.owner.unsafe(
    `insert into audit_event (org_id, id, actor_kind, action, subject_kind, subject_id)
     values ($1, $2, 'system', 'document.upload', 'document', $3)`,
    [tenant.orgId, randomUUID(), kept.documentId],
  )
  const { items } = await log()
  expect(items.map(({ action, actor, subject }) => [action, actor.kind, actor.name, subject.name])).toEqual([
    ['document.upload', 'system', null, 'kept.md'],
    ['document.delete', 'api_key', 'ci', 'plans/2026.md'],
    ['key.create', 'user', null, 'ci'],
  ])
})

it('is filtered by entity, action, actor and time, and paged without a gap or a repeat', async () => {
  const by = await joinAs(process, tenant, 'admin')
  for (let i = 0; i < 7; i++)
    for (const actor of [tenant.owner, by])
      await process.get(anything, actor, 'collections.create', { name: `${actor.id} ${i}` })
  await process.get(anything, by, 'keys.create', { name: 'ci', role: 'viewer' })
  // All of one moment: ids break the ties.
  await process.database.owner.unsafe(
    `update audit_event set created_at = date_trunc('day', now()) where org_id = $1`,
    [tenant.orgId],
  )
  const seen: string[] = []
  let cursor: string | null = null
  do {
    const page = await log({ action: 'collection', limit: 4, cursor })
    seen.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  } while (cursor !== null)
  expect(new Set(seen).size).toBe(14)
  expect(seen).toHaveLength(14)

  expect(await actions({ action: 'key' })).toEqual(['key.create'])
  expect(await actions({ action: 'key.create', actorId: tenant.owner.id })).toEqual([])
  expect(await actions({ actorId: by.id })).toHaveLength(8)
  expect(await actions({ action: 'coll' })).toEqual([])
  expect(await actions({ action: '%' })).toEqual([])
  const today = new Date(new Date().setUTCHours(0, 0, 0, 0))
  const [from, before] = [today.toISOString(), new Date(today.getTime() + 1).toISOString()]
  expect(await actions({ from, before })).toHaveLength(15)
  expect(await actions({ before: from })).toEqual([])
  expect(await actions({ from: before })).toEqual([])
})

it('a page of a long log is read by an index, whatever it is filtered by', async () => {
  await process.database.owner.unsafe(
    `insert into audit_event (org_id, id, actor_kind, actor_id, action, subject_kind, subject_id, created_at)
     select $1, gen_random_uuid(), 'user', $2::uuid, case when i % 500 = 0 then 'collection.grant' else 'session.create' end,
       'user', $2::text, now() - i * interval '1 second' from generate_series(1, 20000) i`,
    [tenant.orgId, tenant.owner.id],
  )
  await process.database.owner.unsafe(`analyze audit_event`)
  // As the role and under the policies that the product reads with: they keep conditions from an index that call functions.
  const planOf = (where: string) =>
    process.database.owner.begin(async (tx) => {
      await tx.unsafe(`select set_config('role', 'login', true)`)
      await tx.unsafe(`select app_enter($1, 'user', $2, 'owner', 5000)`, [tenant.orgId, tenant.owner.id])
      const rows = await tx.unsafe<{ 'QUERY PLAN': string }[]>(
        `explain select * from audit_event where org_id = '${tenant.orgId}' and ${where}
         order by created_at desc, id desc limit 51`,
      )
      return rows.map((row) => row['QUERY PLAN']).join('\n')
    })
  for (const [where, index] of [
    ['true', 'audit_event_newest'],
    [`action in ('collection.create', 'collection.grant')`, 'audit_event_of_action'],
    [`action = 'collection.grant'`, 'audit_event_of_action'],
    [`actor_id = '${randomUUID()}'`, 'audit_event_of_actor'],
  ] as const) {
    const plan = await planOf(where)
    expect(plan).toContain(index)
    expect(plan).not.toContain('Seq Scan')
  }
  expect((await log({ action: 'collection', limit: 100 })).items).toHaveLength(40)
})
