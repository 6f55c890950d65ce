import type { Actor, CollectionId } from '@quarry/contracts'
import { recordAudit } from '../audit.ts'
import { newId } from '../ids.ts'
import { idempotencyKey, jobAttempt, jobRun, usageDay, usageEvent } from '../schema/index.ts'
import { emitSignal } from '../signals.ts'
import {
  createCollection,
  createConversation,
  createDocument,
  createTenant,
  grantCollection,
  type TestDatabase,
  type TestTenant,
} from '../testing/index.ts'

/** One organisation with rows in every tenant table, some of which some of its own callers may not see. */
export interface Organisation {
  readonly tenant: TestTenant
  readonly open: CollectionId
  readonly restricted: CollectionId
  /** Who has a grant on `restricted`; owners, admins and jobs need none. */
  readonly granted: readonly Actor[]
}

/** Two organisations with the same kinds of rows, and one that is being deleted. */
export interface Scene {
  readonly a: Organisation
  readonly b: Organisation
  /** Has nothing but one entry of its log. */
  readonly goneId: string
}

export const createScene = async (test: Pick<TestDatabase, 'database' | 'owner'>): Promise<Scene> => ({
  a: await createOrganisation(test),
  b: await createOrganisation(test),
  ...(await createGone(test)),
})

/** The log of an organisation that is being deleted, which alone a sweep may delete. */
const createGone = async ({ owner }: Pick<TestDatabase, 'owner'>): Promise<Pick<Scene, 'goneId'>> => {
  const goneId = newId()
  await owner.unsafe(
    `insert into audit_event (org_id, id, actor_kind, action, subject_kind, subject_id) values ($1, $2, 'system', 'x', 'x', 'x')`,
    [goneId, newId()],
  )
  await owner.unsafe(`insert into organisation_deletion (subject_id, closed_at) values ($1, now())`, [goneId])
  return { goneId }
}

const createOrganisation = async (test: Pick<TestDatabase, 'database' | 'owner'>): Promise<Organisation> => {
  const tenant = await createTenant(test)
  const open = await createCollection(tenant)
  const restricted = await createCollection(tenant, { visibility: 'restricted' })
  const granted = [tenant.member]
  for (const actor of granted) await grantCollection(tenant, restricted, actor)
  const source = await createDocument(tenant, open)
  await createDocument(tenant, restricted)
  for (const actor of [tenant.member, tenant.viewer, tenant.apiKey]) {
    if (actor.kind === 'system') continue
    const { orgId, id: actorId } = actor
    await createConversation(tenant, actor, source)
    await tenant.as(actor).tx(async (tx) => {
      await tx.insert(idempotencyKey).values({ orgId, actorId, key: 'once only', requestHash: 'hash', response: {} })
      await recordAudit(tx, {
        actor,
        action: 'document.retry',
        subjectKind: 'document',
        subjectId: actorId,
        requestId: null,
      })
      await emitSignal(tx, 'document', source.documentId)
      const jobRunId = newId()
      const attempt = { attempt: 1, worker: 'test', state: 'succeeded' } as const
      await tx.insert(jobRun).values({ orgId, id: jobRunId, jobId: '1', kind: 'test', ...attempt })
      await tx.insert(jobAttempt).values({ orgId, jobRunId, ...attempt })
      const spent = { kind: 'answer', model: 'test', inputTokens: 10, outputTokens: 1 } as const
      await tx.insert(usageEvent).values({ orgId, id: newId(), ownerId: actorId, ...spent })
    })
  }
  // Only a sweep writes a day.
  const { orgId } = tenant
  const spent = { kind: 'answer', model: 'test', events: 1, inputTokens: 10, outputTokens: 1 }
  await test.database.system((tx) => tx.insert(usageDay).values({ orgId, day: '2026-01-01', ...spent }))
  return { tenant, open, restricted, granted }
}
