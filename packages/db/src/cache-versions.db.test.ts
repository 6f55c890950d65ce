import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { deleteOutbox, newId, pruneOutbox, readOutbox, schema } from './index.ts'
import {
  createCollection,
  createDocument,
  createEmbeddedTestDatabase,
  createTenant,
  createTestDatabase,
  type TestDatabase,
} from './testing/index.ts'
import { TOUCHES, type TouchScene } from './testing/touch-table.ts'

const setScene = async (db: TestDatabase): Promise<TouchScene> => {
  const tenant = await createTenant(db)
  const collectionId = await createCollection(tenant)
  const sessionId = newId()
  await db.owner.unsafe(
    `insert into auth.session (id, expires_at, token, user_id, active_organization_id)
     values ($1, now() + interval '1 hour', $2, $3, $4)`,
    [sessionId, `token of ${sessionId}`, tenant.member.id, tenant.orgId],
  )
  return { tenant, collectionId, document: await createDocument(tenant, collectionId), sessionId }
}

const SUBJECTS = ['owner', 'admin', 'member', 'viewer', 'apiKey'] as const
/** Versions by `<subject> <tag>`, as `login` reads them. */
const versions = async (db: TestDatabase, { tenant }: TouchScene): Promise<Map<string, number>> => {
  const names = new Map<string, string>([
    [tenant.orgId, 'organisation'],
    ...SUBJECTS.map((name): [string, string] => [tenant[name].id ?? '', name]),
  ])
  const rows = await db.database.versions([...names.keys()])
  return new Map(rows.map((row) => [`${names.get(row.subjectId)} ${row.tag}`, row.version]))
}

const SERVERS = [
  { name: 'PostgreSQL', open: createTestDatabase },
  { name: 'PGlite', open: createEmbeddedTestDatabase },
]

describe.each(SERVERS)('on $name', ({ open }) => {
  let db: TestDatabase
  let scene: TouchScene
  beforeAll(async () => {
    db = await open()
    scene = await setScene(db)
  })
  afterAll(() => db.close())

  /** Which versions `work` makes grow. */
  const grown = async (work: () => Promise<unknown>): Promise<string[]> => {
    const before = await versions(db, scene)
    await work()
    const after = await versions(db, scene)
    for (const [name, version] of before) expect(after.get(name)).toBeGreaterThanOrEqual(version)
    return [...after].filter(([name, version]) => before.get(name) !== version).map(([name]) => name)
  }

  test('every table says what it touches, and no other is named', async () => {
    const tables = await db.owner.unsafe<{ name: string }[]>(`
      select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname in ('public', 'auth') and c.relkind in ('r', 'p') and not c.relispartition`)
    expect(Object.keys(TOUCHES).toSorted()).toEqual(tables.map(({ name }) => name).toSorted())
  })

  test('triggers stand where it says so, and nowhere else', async () => {
    const tables = await db.owner.unsafe<{ name: string }[]>(`
      select distinct n.nspname || '.' || c.relname as name from pg_trigger t join pg_class c on c.oid = t.tgrelid
      join pg_namespace n on n.oid = c.relnamespace where t.tgname like 'touch%' and not t.tgisinternal`)
    const touching = Object.keys(TOUCHES).filter((name) => typeof TOUCHES[name] !== 'string')
    expect(tables.map(({ name }) => name).toSorted()).toEqual(touching.toSorted())
  })

  const changes = Object.entries(TOUCHES).flatMap(([table, rows]) =>
    typeof rows === 'string' ? [] : rows.map((row) => ({ table, ...row })),
  )
  // In the order of the table: some need what the ones before have left.
  test.each(changes)('$table: $does', async ({ sql: statement, grows }) => {
    let rows = 0
    const names = await grown(async () => {
      rows = (await db.owner.unsafe(statement(scene))).count
    })
    expect(rows).toBeGreaterThan(0)
    expect(names.toSorted()).toEqual([...grows].toSorted())
  })

  test('a version grows once in a transaction, however much it writes, and not in one that is rolled back', async () => {
    const { tenant, collectionId } = scene
    await db.owner.unsafe('delete from cache_outbox')
    await tenant.as(tenant.owner).tx(async (tx) => {
      for (let i = 0; i < 20; i++)
        await tx.insert(schema.collection).values({ orgId: tenant.orgId, id: newId(), name: `more ${i}` })
    })
    const rows = await db.database.system((tx) => readOutbox(tx, 100))
    expect(rows.map(({ subjectId, tag }) => `${subjectId} ${tag}`).toSorted()).toEqual(
      ['documents', 'index', 'permission'].map((tag) => `${tenant.orgId} ${tag}`),
    )
    const names = await grown(async () => {
      const failing = tenant.as(tenant.owner).tx(async (tx) => {
        await tx.delete(schema.collection).where(sql`${schema.collection.id} = ${collectionId}`)
        throw new Error('undone')
      })
      await expect(failing).rejects.toThrow('undone')
    })
    expect(names).toEqual([])
  })

  test('the outbox is read oldest first, deleted row by row and pruned by age', async () => {
    await db.owner.unsafe('delete from cache_outbox')
    await createCollection(scene.tenant)
    await createCollection(scene.tenant)
    const rows = await db.database.system((tx) => readOutbox(tx, 100))
    expect(rows).toHaveLength(6)
    expect(rows.map(({ id }) => id)).toEqual(rows.map(({ id }) => id).toSorted((a, b) => a - b))
    for (const { ageMs } of rows) expect(ageMs).toBeGreaterThan(-1)
    for (const { ageMs } of rows) expect(ageMs).toBeLessThan(60_000)
    const told = rows.slice(0, 4).map(({ id }) => id)
    await db.database.system((tx) => deleteOutbox(tx, told))
    expect(await db.database.system((tx) => readOutbox(tx, 1))).toMatchObject([{ id: rows[4]?.id }])
    await db.database.system((tx) => pruneOutbox(tx, new Date(Date.now() - 60_000)))
    expect(await db.database.system((tx) => readOutbox(tx, 100))).toHaveLength(2)
    await db.database.system((tx) => pruneOutbox(tx, new Date(Date.now() + 60_000)))
    expect(await db.database.system((tx) => readOutbox(tx, 100))).toEqual([])
  })
})

describe('several connections', () => {
  let db: TestDatabase
  let scene: TouchScene
  beforeAll(async () => {
    db = await createTestDatabase()
    scene = await setScene(db)
  })
  afterAll(() => db.close())

  test('see a version no sooner than what it counts', async () => {
    const { tenant } = scene
    const before = await versions(db, scene)
    await tenant.as(tenant.owner).tx(async (tx) => {
      await tx.insert(schema.collection).values({ orgId: tenant.orgId, id: newId(), name: 'one more' })
      expect(await versions(db, scene)).toEqual(before)
    })
    expect(await versions(db, scene)).not.toEqual(before)
  })

  test('count at the same time, and none waits for another for ever', { timeout: 60_000 }, async () => {
    const { tenant, document } = scene
    const { documentId, collectionId } = document
    const addCollection = sql.raw(
      `insert into collection (org_id, id, name) select '${tenant.orgId}', id, id::text from gen_random_uuid() id`,
    )
    const addVersion = sql.raw(
      `insert into document_version (org_id, id, document_id, collection_id, size_bytes)
       values ('${tenant.orgId}', gen_random_uuid(), '${documentId}', '${collectionId}', 1)`,
    )
    await db.owner.unsafe('delete from cache_outbox')
    // In opposite orders: what one touches first is what the other touches last.
    const write = async (statements: readonly (typeof addVersion)[]) => {
      for (let n = 0; n < 40; n++)
        await tenant.as(tenant.system).tx(async (tx) => {
          for (const statement of statements) await tx.execute(statement)
        })
    }
    const orders = [
      [addCollection, addVersion],
      [addVersion, addCollection],
    ]
    await Promise.all([...orders, ...orders, ...orders, ...orders].map(write))
    const rows = await db.owner.unsafe<{ version: string }[]>(
      `select version::text from cache_outbox where subject_id = $1 and tag = 'documents'`,
      [tenant.orgId],
    )
    expect(rows).toHaveLength(320)
    expect(new Set(rows.map(({ version }) => version)).size).toBe(320)
  })

  test('read counts, and neither rows nor a way to write them', async () => {
    expect(await db.database.versions([newId()])).toEqual([])
    expect(await db.database.versions([])).toEqual([])
    for (const statement of ['select * from cache_version', 'select * from cache_outbox'])
      await expect(db.database.auth.execute(sql.raw(statement))).rejects.toMatchObject({ cause: { code: '42501' } })
    const { tenant } = scene
    for (const statement of ['select * from cache_version', 'delete from cache_outbox', 'select cache_versions(null)'])
      await expect(tenant.as(tenant.owner).tx((tx) => tx.execute(sql.raw(statement)))).rejects.toMatchObject({
        code: '42501',
      })
  })
})
