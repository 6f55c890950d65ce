import { randomUUID } from 'node:crypto'
import { Readable } from 'node:stream'
import { newId, schema } from '@quarry/db'
import {
  createCollection,
  createConversation,
  createDocument,
  createTenant,
  hashOfOrganisation,
  type TestConversation,
  type TestDatabase,
  type TestDocument,
  type TestTenant,
} from '@quarry/db/testing'
import {
  userId,
  type Actor,
  type CollectionId,
  type DocumentId,
  type InvitationId,
  type MemberId,
  type Role,
  type VersionId,
} from '@quarry/contracts'
import { appendUpload, createInvitation, createManyDocuments, listMembers, type WebCore } from '@quarry/core/web'
import { createJobs, type WorldJobs } from './world-jobs.ts'

/** Stands in everything of a world's own, so that any of it that leaks can be found. */
export const CANARY = 'canary'

/** One organisation with something in every table that a procedure can name by id. */
export interface World {
  readonly core: WebCore
  readonly database: TestDatabase
  readonly tenant: TestTenant
  readonly collectionId: CollectionId
  readonly document: TestDocument
  /** Its newest version failed while it was read. */
  readonly failed: { readonly documentId: DocumentId; readonly versionId: VersionId }
  /** A ticket whose bytes are all there. */
  readonly upload: { readonly documentId: DocumentId; readonly ticket: VersionId }
  /** Of the member. */
  readonly conversation: TestConversation
  /** The same, whose answer was stopped. */
  readonly stopped: TestConversation
  readonly memberIds: Readonly<Record<Role, MemberId>>
  /** A link that nobody has used yet, and the person who has its address. */
  readonly invitation: { readonly id: InvitationId; readonly token: string; readonly invited: Actor }
  readonly jobs: WorldJobs
  /** An owner of the installation, and a member of nothing; nobody of the tenant is one. */
  readonly operator: Actor
}

export type Caller = Exclude<Actor, { kind: 'system' }>

export const callerOf = (actor: Actor): Caller => {
  if (actor.kind === 'system') throw new TypeError('a job is no caller')
  return actor
}

/** `visibility` is that of the collection that everything but the conversation is in. */
export const createWorld = async (
  core: WebCore,
  database: TestDatabase,
  visibility: 'organisation' | 'restricted' = 'organisation',
): Promise<World> => {
  const tenant = await createTenant(database)
  const collectionId = await createCollection(tenant, { name: `${CANARY} ${newId()}`, visibility })
  const document = await createDocument(tenant, collectionId, {
    path: `${CANARY}-${newId()}.md`,
    // `loud` is its own stem, which the factory's plain words need.
    pages: ['The canary sings loud.'],
  })
  const conversation = await createConversation(tenant, callerOf(tenant.member), document)
  const stopped = await createConversation(tenant, callerOf(tenant.member), document)
  await database.owner.unsafe(`update message set state = 'stopped' where id = $1`, [stopped.answerId])
  const failed = await createDocument(tenant, collectionId, { path: `${CANARY}-failed-${newId()}.md` })
  await database.owner.unsafe(`update document_version set state = 'failed', error_code = 'crashed' where id = $1`, [
    failed.versionId,
  ])
  const upload = await finishedUpload(core, tenant, collectionId)
  const invitation = await openInvitation(core, database, tenant)
  const memberIds = await memberIdsOf(core, tenant)
  const operator = await createOperator(database, tenant)
  await spendTokens(tenant)
  const jobs = await createJobs(database, tenant, { failed, searchable: document })
  return {
    core,
    database,
    tenant,
    collectionId,
    document,
    failed,
    upload,
    conversation,
    stopped,
    memberIds,
    invitation,
    operator,
    jobs,
  }
}

const spendTokens = (tenant: TestTenant) =>
  tenant.as(tenant.member).tx((tx) =>
    tx.insert(schema.usageEvent).values({
      orgId: tenant.orgId,
      id: newId(),
      kind: 'answer',
      ownerId: tenant.member.id ?? '',
      model: CANARY,
      inputTokens: 10,
      outputTokens: 1,
    }),
  )

const createOperator = async ({ owner }: TestDatabase, { orgId }: TestTenant): Promise<Actor> => {
  const id = userId.parse(newId())
  await owner.unsafe(`insert into auth."user" (id, name, email) values ($1, 'Operator', $2)`, [id, `${id}@quarry.test`])
  await owner.unsafe(`insert into installation_owner (user_id) values ($1)`, [id])
  // The first account of a database is one by itself.
  await owner.unsafe(
    `delete from installation_owner where user_id in (select user_id from auth.member where organization_id = $1)`,
    [orgId],
  )
  return { kind: 'user', id, orgId, role: 'viewer' }
}

const openInvitation = async (core: WebCore, database: TestDatabase, tenant: TestTenant) => {
  const id = userId.parse(newId())
  const email = `${CANARY}-${id}@quarry.test`
  await database.owner.unsafe(`insert into auth."user" (id, name, email) values ($1, 'Invited', $2)`, [id, email])
  const ctx = { deps: core.deps, actor: tenant.owner, requestId: randomUUID() }
  const { invitation, link } = await createInvitation(ctx, { email, role: 'viewer', expiresInDays: 7 })
  const invited: Actor = { kind: 'user', id, orgId: tenant.orgId, role: 'viewer' }
  return { id: invitation.id, token: link.slice(link.lastIndexOf('/') + 1), invited }
}

const memberIdsOf = async (core: WebCore, tenant: TestTenant): Promise<Record<Role, MemberId>> => {
  const members = await listMembers({ deps: core.deps, actor: tenant.owner, requestId: randomUUID() })
  const idOf = (wanted: Role): MemberId => {
    const found = members.find(({ role }) => role === wanted)
    if (!found) throw new Error(`nobody is ${wanted}`)
    return found.id
  }
  return { owner: idOf('owner'), admin: idOf('admin'), member: idOf('member'), viewer: idOf('viewer') }
}

const finishedUpload = async (core: WebCore, tenant: TestTenant, collectionId: CollectionId) => {
  const ctx = { deps: core.deps, actor: tenant.owner, requestId: randomUUID() }
  const bytes = Buffer.from(`# ${CANARY}\n\n${newId()}\n`)
  const [file] = await createManyDocuments(ctx, {
    collectionId,
    files: [{ path: `${CANARY}-upload-${newId()}.md`, sizeBytes: bytes.byteLength }],
  })
  if (!file || file.refused) throw new Error('the upload was refused')
  await appendUpload(ctx, { ticket: file.ticket, offset: 0, body: Readable.from([bytes]) })
  return { documentId: file.documentId, ticket: file.ticket }
}

/** Of the organisation's rows, and of those of the whole installation that its owners write. */
export const hashOfRows = async ({ database, tenant }: World): Promise<string> => {
  const [row] = await database.owner.unsafe<{ hash: string }[]>(
    `select md5(string_agg(t, ';' order by t)) as hash from (
       select to_jsonb(a)::text t from job_pause a union all select to_jsonb(b)::text from cron_run b
       union all select to_jsonb(c)::text from operator_event c union all select to_jsonb(d)::text from installation_owner d) rows`,
  )
  return `${await hashOfOrganisation(database, tenant.orgId)} ${row?.hash}`
}
