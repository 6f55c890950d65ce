import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, procedures } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'
import { allAsked, answersTo, freshAnswers, keptQueries, NOT_KEPT, staleIn } from './testing/kept-queries.ts'
import { actorOf } from './testing/matrix-probes.ts'
import { MATRIX } from './testing/matrix-table.ts'
import { callerOf, createWorld, type World } from './testing/world.ts'

const queries = procedures().filter(({ type }) => type === 'query')
const mutations = procedures().filter(({ type }) => type === 'mutation')

describe('queries', () => {
  it('are kept, or say why not', () => {
    const paths = queries.map(({ path }) => path)
    expect([...keptQueries(), ...Object.keys(NOT_KEPT)].toSorted()).toEqual(paths.toSorted())
    expect(keptQueries().length).toBeGreaterThan(5)
  })

  it('alone are kept', () => {
    expect(procedures().filter(({ type, isKept }) => isKept && type !== 'query')).toEqual([])
  })
})

/** What is promised to other processes. */
const WITHIN_MS = 1_000

const SETTINGS = [
  { name: 'with Redis', open: startTestRedis, others: mutations.map(({ path }) => path) },
  // There is one web process then, and others write only what jobs write: two that stand for all.
  { name: 'without Redis', open: () => null, others: ['documents.retry', 'members.changeRole'] },
]

describe.each(SETTINGS)('$name', ({ open, others }) => {
  let database: TestDatabase
  let redis: TestRedis | null
  let folder: string
  /** Where changes are made, and another process. */
  let here: WebCore
  let elsewhere: WebCore
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'quarry-staleness-'))
    database = await createTestDatabase()
    redis = await open()
    const env = testEnvironment(database, folder)
    // By words alone: whether a model has been loaded yet would make a difference.
    const adapters = { ...env.adapters, redis: redis?.adapter ?? null, embedding: { kind: 'off' } } as const
    const start = () => createWebCore({ ...env, adapters })
    ;[here, elsewhere] = [start(), start()]
    await Promise.all([here.start(), elsewhere.start()])
  })
  afterAll(async () => {
    await Promise.all([here.close(), elsewhere.close()])
    await redis?.close()
    await database.close()
    rmSync(folder, { recursive: true })
  })

  const inputsOf = (path: string, world: World) => MATRIX[path]?.inputs(world) ?? []
  /** Makes one change after all has been asked in both processes; both are then asked again. */
  const staleAfter = async (path: string, index: number, visibility: 'organisation' | 'restricted') => {
    const world = await createWorld(here, database, visibility)
    const asked = allAsked(world)
    for (const core of [here, elsewhere]) await answersTo(core, world, asked)
    const outcome = await call(here, callerOf(actorOf(path, world)), path, inputsOf(path, world)[index]?.input)
    expect(outcome).toMatchObject({ ok: true })
    const from = performance.now()
    const fresh = await freshAnswers(here, world, asked)
    const atOnce = await staleIn(here, world, asked, fresh)
    return { atOnce, inTime: () => inTime(from, () => staleIn(elsewhere, world, asked, fresh)) }
  }
  /** What is still stale when it is looked at after the time that was promised. */
  const inTime = async (from: number, look: () => Promise<string[]>): Promise<string[]> => {
    for (;;) {
      const isLate = performance.now() - from > WITHIN_MS
      const stale = await look()
      if (isLate || stale.length === 0) return stale
    }
  }

  it.each(keptQueries())('%s gives what it would give without a cache, byte by byte and each time', async (path) => {
    const world = await createWorld(here, database)
    const asked = allAsked(world).filter((one) => one.path === path)
    expect(asked.length).toBeGreaterThan(2)
    const fresh = await freshAnswers(here, world, asked)
    for (const core of [here, here, elsewhere]) expect(await staleIn(core, world, asked, fresh)).toEqual([])
  })

  const changes = mutations.flatMap(({ path }) => [
    { path, visibility: 'organisation' as const },
    // Grants change something in a closed collection only.
    ...(/grant/i.test(path) ? [{ path, visibility: 'restricted' as const }] : []),
  ])
  it.each(changes)('$path ($visibility) is read by everybody after it, here at once', async ({ path, visibility }) => {
    const world = await createWorld(here, database)
    for (let index = 0; index < inputsOf(path, world).length; index++) {
      const stale = await staleAfter(path, index, visibility)
      expect(stale.atOnce).toEqual([])
      if (others.includes(path)) expect(await stale.inTime()).toEqual([])
    }
  })

  it('what a change that fails has left is read, too', async () => {
    const world = await createWorld(here, database)
    const asked = allAsked(world)
    await answersTo(here, world, asked)
    // Committed, and the reply lost: as when the process dies of it.
    await database.owner.unsafe(`update document set title = 'Renamed' where id = $1`, [world.document.documentId])
    expect(await call(here, world.tenant.owner, 'collections.delete', { id: world.tenant.orgId })).toMatchObject({
      ok: false,
    })
    expect(await staleIn(here, world, asked, await freshAnswers(here, world, asked))).toEqual([])
  })

  it.each([
    ['collection', 'collections.create', 'organisation'],
    ['collection_grant', 'collections.grant', 'restricted'],
    ['document_version', 'documents.retry', 'organisation'],
    ['auth.member', 'members.changeRole', 'organisation'],
    ['auth.organization', 'organisation.rename', 'organisation'],
  ] as const)('mutation: without the trigger on %s, %s goes unnoticed', async (table, path, visibility) => {
    await database.owner.unsafe(`alter table ${table} disable trigger touch`)
    try {
      expect((await staleAfter(path, 0, visibility)).atOnce).not.toEqual([])
    } finally {
      await database.owner.unsafe(`alter table ${table} enable trigger touch`)
    }
  })
})
