import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BOTH_DATABASES, type TestDatabase } from '../testing/index.ts'
import { findLeaks, installProbe, planProbes } from './probes.ts'
import { createScene, type Scene } from './scene.ts'
import { tenantTables } from './tenant-tables.ts'

describe.each(BOTH_DATABASES)('check 3: tenant isolation on %s', (_name, create) => {
  let db: TestDatabase
  let scene: Scene
  beforeAll(async () => {
    db = await create()
    await installProbe(db.owner)
    scene = await createScene(db)
  })
  afterAll(() => db.close())

  test('control: the scene has rows in every tenant table: nothing is proved on an empty one', async () => {
    const tables = await tenantTables(db.owner)
    const empty: string[] = []
    for (const { name } of tables) {
      const rows = await db.owner.unsafe(`select distinct org_id from ${name}`)
      if (rows.length < 2) empty.push(name)
    }
    expect(tables.length).toBeGreaterThan(15)
    expect(empty).toEqual([])
  })

  test('every caller reads and writes exactly the rows that are its own, in every table', async () => {
    expect(await findLeaks(await planProbes(db, scene))).toEqual([])
  })

  test('a connection that goes back to the pool has no tenant and no role left', async () => {
    const one = db.open({ pool: { max: 1 } })
    const { tenant } = scene.a
    const inside = sql`select pg_backend_pid() as pid, current_user::text as role, current_setting('app.org_id', true) as org`
    const [during] = (await one.tenant(tenant.member).tx((tx) => tx.execute(inside))) as Record<string, unknown>[]
    const after = await one.auth.execute(
      sql`select pg_backend_pid() as pid, current_user::text as role, coalesce(current_setting('app.org_id', true), '') as org,
        coalesce(current_setting('app.collection_ids', true), '') as collections`,
    )
    expect(during).toMatchObject({ role: 'app_user', org: tenant.orgId })
    expect(after[0]).toEqual({
      pid: during?.['pid'],
      role: db.adapter.kind === 'embedded' ? 'postgres' : 'login',
      org: '',
      collections: '',
    })
  })

  test('a collection made in a transaction counts in the rest of it, and one that was closed does not', async () => {
    const { tenant, open } = scene.b
    const visible = sql`select string_to_array(current_setting('app.collection_ids'), ',') as ids`
    await expect(
      tenant.as(tenant.viewer).tx(async (tx) => {
        await tx.execute(
          sql`insert into collection (org_id, id, name) values (${tenant.orgId}, gen_random_uuid(), 'just now')`,
        )
        const [grown] = (await tx.execute(visible)) as { ids: string[] }[]
        expect(grown?.ids).toHaveLength(2)
        await tx.execute(sql`delete from collection where id = ${open}`)
        const [shrunk] = (await tx.execute(visible)) as { ids: string[] }[]
        expect(shrunk?.ids).toHaveLength(1)
        throw new Error('undo')
      }),
    ).rejects.toThrow('undo')
  })

  test('a job is stamped with the organisation of the transaction, whatever its payload says', async () => {
    const { a, b } = scene
    await a.tenant
      .as(a.tenant.member)
      .tx((tx) =>
        tx.execute(
          sql`select enqueue_job('test.stamp', ${JSON.stringify({ orgId: b.tenant.orgId, versionId: 'v' })}::jsonb, 3, job_key := 'k')`,
        ),
      )
    const [job] = await db.owner.unsafe(
      `select j.payload, r.org_id, r.max_attempts, r.job_key, r.payload as ids from graphile_worker._private_jobs j
       join graphile_worker._private_tasks t on t.id = task_id join job_run r on r.id::text = j.payload ->> 'jobRunId'
       where identifier = 'test.stamp'`,
    )
    expect(job).toEqual({
      payload: { orgId: a.tenant.orgId, jobRunId: expect.any(String) as string, versionId: 'v' },
      org_id: a.tenant.orgId,
      max_attempts: 3,
      job_key: 'k',
      ids: { versionId: 'v' },
    })
  })
})
