import { randomUUID } from 'node:crypto'
import { collection, collectionAccess, type Actor, type CollectionId } from '@quarry/contracts'
import { createCollection, createDocument, createTenant, type TestTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { startProcess, type Process } from './testing/tenancy.ts'

let process: Process
let tenant: TestTenant
let collectionId: CollectionId
beforeAll(async () => {
  process = await startProcess()
})
beforeEach(async () => {
  tenant = await createTenant(process.database)
  collectionId = await createCollection(tenant, { visibility: 'restricted' })
})
afterAll(() => process.close())

const grantee = ({ kind, id }: Actor) => ({ kind, id })
const grant = (by: Actor, to: Actor) => process.try(by, 'collections.grant', { collectionId, grantee: grantee(to) })
const revoke = (by: Actor, from: Actor) =>
  process.try(by, 'collections.revokeGrant', { collectionId, grantee: grantee(from) })
const access = async () => {
  const shown = await process.get(collectionAccess, tenant.admin, 'collections.access', { id: collectionId })
  return {
    ...shown,
    reasons: Object.fromEntries(shown.entries.map((entry) => [entry.grantee.id, entry.reason])),
    without: shown.others.map((other) => other.grantee.id).toSorted(),
  }
}
const sees = async (actor: Actor) =>
  (await process.get(z.array(collection), actor, 'collections.list')).some(({ id }) => id === collectionId)
const id = (actor: Actor) => actor.id ?? ''

it('says who can see a collection and why, and that is who does', async () => {
  const { owner, admin, member, viewer, apiKey } = tenant
  await grant(owner, member)
  await grant(admin, apiKey)
  const restricted = await access()
  expect(restricted.reasons).toEqual({
    [id(owner)]: 'role',
    [id(admin)]: 'role',
    [id(member)]: 'grant',
    [id(apiKey)]: 'grant',
  })
  expect(restricted.without).toEqual([id(viewer)])
  expect(restricted.entries.find((entry) => entry.grantee.id === id(member))).toMatchObject({
    name: 'The member',
    role: 'member',
    grantedBy: 'The owner',
    grantedAt: expect.any(String),
  })
  for (const actor of [owner, admin, member, viewer, apiKey])
    expect(await sees(actor), actor.role).toBe(id(actor) in restricted.reasons)

  await process.get(collection, owner, 'collections.update', { id: collectionId, visibility: 'organisation' })
  const open = await access()
  expect(open.without).toEqual([])
  expect([open.reasons[id(viewer)], open.reasons[id(member)], open.reasons[id(owner)]]).toEqual([
    'open',
    'open',
    'role',
  ])
  for (const actor of [member, viewer, apiKey]) expect(await sees(actor)).toBe(true)
})

it('a grant shows all that is in a collection, and nothing of it is left when it is taken away', async () => {
  const document = await createDocument(tenant, collectionId, { path: 'plans.md', pages: ['The orchid is loud.'] })
  const everything = async (actor: Actor) => [
    await process.try(actor, 'documents.get', { id: document.documentId }),
    await process.try(actor, 'documents.page', { versionId: document.versionId, ordinal: 1 }),
    await process.try(actor, 'search.query', { query: 'loud' }),
    await process.try(actor, 'documents.list', { collectionId }),
  ]
  for (const reader of [tenant.viewer, tenant.apiKey]) {
    expect(JSON.stringify(await everything(reader))).not.toContain('orchid')
    expect(await grant(tenant.admin, reader)).toMatchObject({ ok: true })
    expect(await grant(tenant.admin, reader)).toMatchObject({ ok: true })
    const shown = await everything(reader)
    expect(shown.map(({ ok }) => ok)).toEqual([true, true, true, true])
    expect(JSON.stringify(shown)).toContain('orchid')
    expect(await revoke(tenant.admin, reader)).toMatchObject({ ok: true })
    expect(await revoke(tenant.admin, reader)).toMatchObject({ ok: true })
    const after = JSON.stringify(await everything(reader))
    expect(after).not.toContain('orchid')
    expect(after).not.toContain('plans.md')
  }
  const events = await process.database.owner.unsafe<{ action: string }[]>(
    `select action from audit_event where org_id = $1 order by id`,
    [tenant.orgId],
  )
  const each = ['collection.grant', 'collection.revoke']
  expect(events.map(({ action }) => action)).toEqual([...each, ...each])
})

it('grants name people, keys and collections of the same organisation only', async () => {
  const other = await createTenant(process.database)
  const foreign = await createCollection(other, { visibility: 'restricted' })
  const mine = grantee(tenant.viewer)
  for (const input of [
    { collectionId, grantee: grantee(other.viewer) },
    { collectionId, grantee: grantee(other.apiKey) },
    { collectionId, grantee: { kind: 'api_key', id: tenant.viewer.id } },
    { collectionId: foreign, grantee: mine },
    { collectionId: randomUUID(), grantee: mine },
    { collectionId, grantee: { kind: 'user', id: randomUUID() } },
  ])
    for (const path of ['collections.grant', 'collections.revokeGrant'])
      expect(await process.try(tenant.owner, path, input)).toMatchObject({ ok: false, status: 404 })
  for (const input of [
    { collectionId, grantee: { ...mine, orgId: other.orgId } },
    { collectionId, grantee: { kind: 'system', id: randomUUID() } },
    { collectionId, grantee: mine, grantedBy: randomUUID() },
  ])
    expect(await process.try(tenant.owner, 'collections.grant', input)).toMatchObject({ ok: false, status: 400 })
})

it('a name is taken once; what is left out of a change stays', async () => {
  const name = `Plans ${randomUUID()}`
  const update = (input: object) => process.try(tenant.owner, 'collections.update', { id: collectionId, ...input })
  expect(await update({ name })).toMatchObject({ ok: true, output: { name, visibility: 'restricted' } })
  expect(await update({})).toMatchObject({ ok: true, output: { name, visibility: 'restricted' } })
  const second = await createCollection(tenant)
  expect(await process.try(tenant.owner, 'collections.update', { id: second, name })).toMatchObject({ status: 409 })
  const events = await process.database.owner.unsafe<{ details: object }[]>(
    `select details from audit_event where org_id = $1 and action = 'collection.update'`,
    [tenant.orgId],
  )
  expect(events).toMatchObject([{ details: { rename: { to: name } } }])
})
