import { AUDIT_ACTIONS, auditActionsOf } from '@quarry/contracts'
import { createTenant } from '@quarry/db/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callerOf, createWorld, type World } from './testing/world.ts'
import { procedures } from './testing/call.ts'
import { actorOf, rowOf } from './testing/matrix-probes.ts'
import { startProcess, type Process } from './testing/tenancy.ts'

let process: Process
beforeAll(async () => {
  process = await startProcess()
})
afterAll(() => process.close())

interface Row {
  readonly action: string
  /** What makes the call, with the first input of the matrix, one that changes something. */
  readonly before?: (world: World) => Promise<unknown>
  /** In place of that call, where it needs somebody whom the world has not. */
  readonly call?: (world: World) => Promise<unknown>
}

/** What each call that changes something leaves in the audit log of its organisation. */
const AUDITED: Record<string, Row> = {
  'collections.create': { action: 'collection.create' },
  'collections.update': { action: 'collection.update' },
  'collections.delete': { action: 'collection.delete' },
  'collections.grant': { action: 'collection.grant' },
  'collections.revokeGrant': { action: 'collection.revoke', before: (world) => callAs(world, 'collections.grant') },
  'documents.complete': { action: 'document.upload' },
  'documents.retry': { action: 'document.retry' },
  'documents.delete': { action: 'document.delete' },
  'conversations.rename': { action: 'conversation.rename' },
  'conversations.delete': { action: 'conversation.delete' },
  'conversations.restore': {
    action: 'conversation.restore',
    before: (world) => callAs(world, 'conversations.delete'),
  },
  'keys.create': { action: 'key.create' },
  'keys.revoke': { action: 'key.revoke' },
  'members.changeRole': { action: 'member.role' },
  'members.remove': { action: 'member.remove' },
  'members.leave': { action: 'member.leave' },
  'invitations.create': { action: 'invitation.create' },
  'invitations.revoke': { action: 'invitation.revoke' },
  'invitations.accept': { action: 'invitation.accept' },
  'jobs.retry': { action: 'job.retry' },
  'jobs.retryClass': { action: 'job.retry' },
  'jobs.cancel': { action: 'job.cancel' },
  'jobs.setPriority': { action: 'job.prioritise' },
  'operations.retry': { action: 'job.retry' },
  'operations.retryClass': { action: 'job.retry' },
  'operations.cancel': { action: 'job.cancel' },
  'operations.setPriority': { action: 'job.prioritise' },
  'organisation.rename': { action: 'organisation.rename' },
  'organisation.delete': { action: 'organisation.delete' },
  'organisation.restore': {
    action: 'organisation.restore',
    before: (world) => callAs(world, 'organisation.delete'),
  },
  'organisation.switch': { action: 'organisation.switch', call: (world) => comeFromElsewhere(world) },
}

/** Those that leave nothing there, and why. */
const UNAUDITED: Record<string, string> = {
  'documents.createMany': 'nothing is in the workspace before the upload is complete, which is audited',
  'chat.send': 'what people ask is theirs; the conversation itself is the record',
  'chat.continue': 'goes on with an answer of the caller’s own; the conversation itself is the record',
  'chat.stop': 'ends an answer of the caller’s own, which says so',
  'operations.pause': 'of no organisation: in the log of the installation, operator_event',
  'operations.resume': 'of no organisation: in the log of the installation, operator_event',
  'operations.runCron': 'of no organisation: in the log of the installation, operator_event',
  'feedback.set': 'an opinion, kept with the answer; it opens and changes nothing',
}

/** Written by what is no procedure: signing up, in and out. Their tests are those of the web server. */
const BY_SIGNING_IN = ['organisation.create', 'session.create', 'session.delete']

const callAs = async (world: World, path: string): Promise<void> => {
  const outcome = await process.try(callerOf(actorOf(path, world)), path, rowOf(path).inputs(world)[0]?.input)
  expect(outcome).toMatchObject({ ok: true })
}

/** Somebody whose session is in another organisation of theirs. */
const comeFromElsewhere = async ({ tenant: { orgId }, database }: World): Promise<void> => {
  const { owner } = await createTenant(database)
  await database.owner.unsafe(`insert into auth.member (organization_id, user_id, role) values ($1, $2, 'member')`, [
    orgId,
    owner.id,
  ])
  expect(await process.try(owner, 'organisation.switch', { id: orgId })).toMatchObject({ ok: true })
}

const recorded = async ({ database, tenant }: World): Promise<string[]> => {
  const rows = await database.owner.unsafe<{ action: string }[]>(
    `select action from audit_event where org_id = $1 order by action`,
    [tenant.orgId],
  )
  return rows.map(({ action }) => action)
}

const mutations = procedures().filter(({ type }) => type === 'mutation')

describe('the table', () => {
  it('has every call that changes something, once', () => {
    expect([...Object.keys(AUDITED), ...Object.keys(UNAUDITED)].toSorted()).toEqual(
      mutations.map(({ path }) => path).toSorted(),
    )
  })

  it('has every action that the log may name', () => {
    // What is done to jobs is done by their organisation or by owners of the installation.
    const actions = new Set(Object.values(AUDITED).map(({ action }) => action))
    expect([...actions, ...BY_SIGNING_IN].toSorted()).toEqual(
      Object.keys(AUDIT_ACTIONS).flatMap(auditActionsOf).toSorted(),
    )
  })
})

it.each(mutations)('$path leaves what the table says in the log, once', async ({ path }) => {
  const world = await createWorld(process.core, process.database)
  const row = AUDITED[path]
  await row?.before?.(world)
  const before = await recorded(world)
  await (row?.call ?? ((given: World) => callAs(given, path)))(world)
  const added = row ? [row.action] : []
  expect(await recorded(world)).toEqual([...before, ...added].toSorted())
})
