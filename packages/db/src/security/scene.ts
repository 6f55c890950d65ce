import type { Actor, CollectionId } from '@quarry/contracts'
import { recordAudit } from '../audit.ts'
import { newId } from '../ids.ts'
import { idempotencyKey, jobRun } from '../schema/index.ts'
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

/** Two organisations with the same kinds of rows. */
export interface Scene {
  readonly a: Organisation
  readonly b: Organisation
}

export const createScene = async (test: Pick<TestDatabase, 'database' | 'owner'>): Promise<Scene> => ({
  a: await createOrganisation(test),
  b: await createOrganisation(test),
})

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
      await tx
        .insert(jobRun)
        .values({ orgId, id: newId(), jobId: '1', kind: 'test', state: 'succeeded', attempt: 1, worker: 'test' })
    })
  }
  return { tenant, open, restricted, granted }
}
