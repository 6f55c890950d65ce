import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeFlag, writeLimits } from '../installation.ts'
import { createScene, type Scene } from '../security/scene.ts'
import { createTenant, createTestDatabase, type TestDatabase } from '../testing/index.ts'
import {
  addRows,
  beginTarget,
  CopySession,
  finishTarget,
  isSame,
  NO_ROWS,
  readBatch,
  readOrganisations,
  readTables,
  scopesOf,
  sumOfTable,
  TREATMENT,
  writeBatch,
  type CopyTable,
} from './index.ts'

let db: TestDatabase
let scene: Scene
let session: CopySession
let tables: CopyTable[]
beforeAll(async () => {
  db = await createTestDatabase()
  scene = await createScene(db)
  const { orgId } = scene.a.tenant
  await db.database.system(async (tx) => {
    await writeFlag(tx, { name: 'chat.answers', orgId, enabled: false, percentage: 100, updatedBy: 'somebody' })
    await writeLimits(tx, { orgId, perMinute: 7 })
  })
  session = await CopySession.open(db.adapter)
  tables = await readTables(session)
})
afterAll(async () => {
  session.close()
  await db.close()
})

/** Neither an account's nor an organisation's: `login` alone may not touch them. */
const OPERATORS = ['public.feature_flag', 'public.organisation_limit']

/** Everything that a batch says, one after the other. */
const readAll = async (table: CopyTable, orgId: Parameters<typeof readBatch>[2]) => {
  const rows: string[] = []
  let sum = NO_ROWS
  for (let after: readonly string[] | null = null; ;) {
    const batch = await readBatch(session, table, orgId, after)
    if (batch.next === null) return { rows, sum }
    rows.push(...batch.rows)
    sum = addRows(sum, batch.digests)
    after = batch.next
  }
}

describe('what is copied', () => {
  test('is said for every table of the catalogue, and for none that is not there', async () => {
    const found = await db.owner.unsafe<{ name: string }[]>(
      `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where n.nspname not in ('pg_catalog', 'information_schema', 'drizzle', 'graphile_worker') and n.nspname !~ '^pg_toast'
         and c.relkind in ('r', 'p') and not c.relispartition`,
    )
    expect(Object.keys(TREATMENT).toSorted()).toEqual(found.map(({ name }) => name).toSorted())
  })

  test('a table that nobody has thought about stops a copy, instead of being forgotten', async () => {
    await db.owner.unsafe('create table stranger (org_id uuid, id uuid, primary key (org_id, id))')
    await expect(readTables(session)).rejects.toThrow('public.stranger is not known to this version')
    await db.owner.unsafe('drop table stranger')
  })

  test('comes in an order in which every reference has what it refers to', async () => {
    const order = tables.map(({ name }) => name)
    for (const [later, earlier] of [
      ['auth.member', 'auth.organization'],
      ['public.document', 'public.collection'],
      ['public.chunk_embedding', 'public.document_version'],
      ['public.citation', 'public.message'],
      ['public.run_part', 'public.run'],
    ] as const)
      expect(order.indexOf(later)).toBeGreaterThan(order.indexOf(earlier))
  })

  test('every row is read once, and only those of the organisation', async () => {
    const organisations = await readOrganisations(session)
    expect(organisations).toEqual([scene.a.tenant.orgId, scene.b.tenant.orgId].toSorted())
    for (const table of tables) {
      let rows = 0
      for (const orgId of scopesOf(table, organisations)) {
        const read = await readAll(table, orgId)
        rows += read.rows.length
        expect(read.rows.every((row) => orgId === null || row.includes(orgId))).toBe(true)
        expect(read.sum).toEqual(addRows(NO_ROWS, read.rows.map(md5)))
        expect(await sumOfTable(session, table, orgId)).toEqual(read.sum)
      }
      // What is left of an organisation that is being deleted stays behind.
      const which = table.isTenant ? `where org_id <> '${scene.goneId}'` : ''
      const [all] = await db.owner.unsafe<{ n: number }[]>(`select count(*)::int as n from ${table.quoted} ${which}`)
      expect([table.name, rows]).toEqual([table.name, all?.n])
      if (OPERATORS.includes(table.name)) expect(rows).toBeGreaterThan(0)
    }
  })

  test('rows of the operator are written again as they were', async () => {
    await beginTarget(db.adapter)
    for (const table of tables.filter(({ name }) => OPERATORS.includes(name))) {
      const before = await readAll(table, null)
      await db.owner.unsafe(`delete from ${table.quoted}`)
      const progress = { ...before.sum, lastKey: null, done: true }
      await writeBatch(session, table, null, before.rows, progress)
      expect(await readAll(table, null)).toEqual(before)
    }
    await finishTarget(db.adapter, {})
  })

  test('an account that a copy brings does not become an owner of the installation by it', async () => {
    const target = await createTestDatabase()
    try {
      const owners = () => target.owner.unsafe('select 1 from installation_owner')
      await beginTarget(target.adapter)
      await createTenant(target)
      expect(await owners()).toHaveLength(0)
    } finally {
      await target.close()
    }
  })

  test('large tables come in batches, and one changed byte changes the checksum', async () => {
    const { orgId } = scene.a.tenant
    await db.owner.unsafe(
      `insert into posting (org_id, lexeme, version_id, ordinal, collection_id, tf, length)
       select v.org_id, 'wort' || n, v.id, 1, v.collection_id, 1, 1 from generate_series(1, 5000) n,
         (select * from document_version where org_id = $1 limit 1) v`,
      [orgId],
    )
    const table = tables.find(({ name }) => name === 'public.posting')!
    const before = await readAll(table, orgId)
    expect(before.rows.length).toBeGreaterThan(5_000)
    expect(new Set(before.rows).size).toBe(before.rows.length)
    await db.owner.unsafe(`update posting set tf = 2 where org_id = $1 and lexeme = 'wort77'`, [orgId])
    expect(isSame(await sumOfTable(session, table, orgId), before.sum)).toBe(false)
    expect((await sumOfTable(session, table, orgId)).rows).toBe(before.sum.rows)
  })
})

const md5 = (text: string) => createHash('md5').update(text).digest('hex')
