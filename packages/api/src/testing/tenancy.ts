import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { userId, type Actor, type Role } from '@quarry/contracts'
import { createWebCore, listMembers, type VerbContext, type WebCore } from '@quarry/core/web'
import { newId } from '@quarry/db'
import { createTestDatabase, type TestDatabase, type TestTenant } from '@quarry/db/testing'
import type { z } from 'zod'
import { call, type Outcome } from './call.ts'
import { testEnvironment } from './environment.ts'

export interface Process {
  readonly database: TestDatabase
  readonly core: WebCore
  as(actor: Actor): VerbContext
  /** The output of a call that succeeds; throws what it was refused with. */
  get<T>(schema: z.ZodType<T>, actor: Actor, path: string, input?: unknown): Promise<T>
  try(actor: Actor | null, path: string, input?: unknown): Promise<Outcome>
  close(): Promise<void>
}

/** What is below HTTP in a web process, on a database of its own unless it is given one, which it then closes. */
export const startProcess = async (opened?: TestDatabase): Promise<Process> => {
  const folder = mkdtempSync(join(tmpdir(), 'quarry-people-'))
  const database = opened ?? (await createTestDatabase())
  const core = createWebCore(testEnvironment(database, folder))
  return {
    database,
    core,
    as: (actor) => ({ deps: core.deps, actor, requestId: randomUUID() }),
    get: async (schema, actor, path, input) => {
      const outcome = await call(core, actor, path, input)
      if (!outcome.ok) throw new Error(`${path}: ${JSON.stringify(outcome)}`)
      return schema.parse(outcome.output)
    },
    try: (actor, path, input) => call(core, actor, path, input),
    close: async () => {
      await core.close()
      await database.close()
      rmSync(folder, { recursive: true })
    },
  }
}

/** Somebody who has an account and belongs nowhere yet; `actor` is who they would be as a member of `tenant`. */
export const createPerson = async (
  { database }: Process,
  { orgId }: TestTenant,
  name = 'Somebody',
): Promise<{ actor: Actor; email: string }> => {
  const id = userId.parse(newId())
  const email = `${id}@quarry.test`
  await database.owner.unsafe(`insert into auth."user" (id, name, email) values ($1, $2, $3)`, [id, name, email])
  return { actor: { kind: 'user', id, orgId, role: 'member' }, email }
}

export const joinAs = async (process: Process, tenant: TestTenant, role: Role, name?: string): Promise<Actor> => {
  const { actor } = await createPerson(process, tenant, name)
  await process.database.owner.unsafe(`insert into auth.member (organization_id, user_id, role) values ($1, $2, $3)`, [
    tenant.orgId,
    actor.id,
    role,
  ])
  return actor.kind === 'user' ? { ...actor, role } : actor
}

/** The row that makes a person a member. */
export const membershipOf = async (process: Process, tenant: TestTenant, actor: Actor): Promise<string> => {
  const found = (await listMembers(process.as(tenant.owner))).find(({ userId: id }) => id === actor.id)
  if (!found) throw new Error('is no member')
  return found.id
}
