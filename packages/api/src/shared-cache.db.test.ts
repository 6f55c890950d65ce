import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isKnownRedisKey } from '@quarry/cache'
import { startTestRedis, type TestRedis } from '@quarry/cache/testing'
import type { OrgId } from '@quarry/contracts'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import { procedures } from './testing/call.ts'
import { testEnvironment } from './testing/environment.ts'
import { allAsked, answersTo, freshAnswers, keptQueries, staleIn, type Asked } from './testing/kept-queries.ts'
import { worksForItsOwner } from './testing/matrix-probes.ts'
import { lookInto } from './testing/redis-keys.ts'
import { callerOf, createWorld, type World } from './testing/world.ts'

let database: TestDatabase
let redis: TestRedis
let folder: string
let core: WebCore
const open = (): WebCore => {
  const env = testEnvironment(database, folder)
  return createWebCore({ ...env, adapters: { ...env.adapters, redis: redis.adapter, embedding: { kind: 'off' } } })
}
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-shared-cache-'))
  database = await createTestDatabase()
  redis = await startTestRedis()
  core = open()
})
afterAll(async () => {
  await core.close()
  await redis.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

/** A process that has nothing in its own memory yet. */
const another = (): WebCore => {
  const process = open()
  onTestFinished(() => process.close())
  return process
}
/** How often each kind of question was found, in this process. */
const hits = async ({ deps }: WebCore): Promise<Record<string, number>> => {
  const [metric] = (await deps.metrics.registry.getMetricsAsJSON()).filter(({ name }) => name.includes('cached_reads'))
  const values = metric?.values.filter(({ labels }) => labels['outcome'] === 'hit') ?? []
  return Object.fromEntries(values.map(({ labels, value }) => [String(labels['question']), value]))
}
/** All ids of an organisation that an answer about it would show. */
const idsOf = ({ tenant, collectionId, document, failed, upload }: World): string[] => [
  tenant.orgId,
  collectionId,
  document.documentId,
  failed.documentId,
  upload.documentId,
  tenant.owner.id ?? '',
]
/** What `asked` is told of somebody else's ids, by each process. */
const toldOf = async (process: WebCore, own: World, other: World, asked: readonly Asked[]): Promise<string[]> => {
  const text = JSON.stringify(await answersTo(process, own, asked))
  return idsOf(other).filter((id) => text.includes(id))
}
const nameOf = (key: string): string | undefined => /^o:[^:]+:cache:([^:]+):/.exec(key)?.[1]

describe('check 8: one cache, two organisations', () => {
  it('the same question of both has two answers, and neither finds the one of the other', async () => {
    const [a, b] = [await createWorld(core, database), await createWorld(core, database)]
    const asked = allAsked(a)
    await answersTo(core, a, asked)
    // The very words that A has sent, its ids with them.
    const process = another()
    expect(await staleIn(process, b, asked, await freshAnswers(core, b, asked))).toEqual([])
    expect(await toldOf(process, b, a, asked)).toEqual([])
  })

  it('control: another process finds what A was answered, and B nothing', async () => {
    const [a, b] = [await createWorld(core, database), await createWorld(core, database)]
    const [ofA, ofB] = [a, b].map((world) => allAsked(world).filter(({ who }) => who === 'owner'))
    await answersTo(core, a, ofA ?? [])
    const stranger = another()
    await answersTo(stranger, b, ofB ?? [])
    expect(await hits(stranger)).toEqual({})
    const colleague = another()
    await answersTo(colleague, a, ofA ?? [])
    expect(Object.keys(await hits(colleague)).toSorted()).toEqual(keptQueries().toSorted())
  })

  /** Puts what A was answered where B's answers are, as `change` has it, and asks as B. */
  const toldAfterSwap = async (change: (text: string, a: World, b: World) => string): Promise<string[]> => {
    const [a, b] = [await createWorld(core, database), await createWorld(core, database)]
    const [ofA, ofB] = [allAsked(a), allAsked(b)]
    await answersTo(core, a, ofA)
    await answersTo(core, b, ofB)
    await lookInto(redis, async ({ all, set }) => {
      const entries = [...(await all())]
      for (const [key] of entries) {
        const twin = entries.find(([one]) => one.includes(a.tenant.orgId) && nameOf(one) === nameOf(key))
        if (twin && nameOf(key) && key.includes(b.tenant.orgId)) await set(key, change(twin[1], a, b))
      }
    })
    return toldOf(another(), b, a, ofB)
  }

  it('an answer that lies in a place of another organisation is not believed', async () => {
    expect(await toldAfterSwap((text) => text)).toEqual([])
    expect(await toldAfterSwap((text) => text.slice(0, -5))).toEqual([])
  })

  it('mutation: one that said that it were of that organisation would be', async () => {
    expect(await toldAfterSwap((text, a, b) => text.replace(a.tenant.orgId, b.tenant.orgId))).not.toEqual([])
  })

  it('who asks without an organisation is a mistake of ours', async () => {
    const { tenant } = await createWorld(core, database)
    const question = {
      name: 'documents.list',
      input: {},
      scope: 'actor',
      tags: [],
      ttl: 'lists',
      staleSeconds: 0,
      flags: [],
    } as const
    for (const missing of ['', 'x'])
      await expect(
        core.deps.kept.answer(
          // A type says that this cannot be, and is gone at run time.
          { ...callerOf(tenant.owner), orgId: missing as OrgId },
          question,
          () => Promise.resolve(1),
        ),
      ).rejects.toBeInstanceOf(TypeError)
  })

  it(
    'every key that the whole API leaves behind is of an organisation, or of a kind that is known',
    { timeout: 120_000 },
    async () => {
      for (const { path } of procedures())
        expect(await worksForItsOwner(path, await createWorld(core, database))).toEqual([])
      const names = [...(await lookInto(redis, ({ all }) => all())).keys()]
      expect(names.filter((name) => !isKnownRedisKey(name))).toEqual([])
      // Not empty, and of more than one kind.
      expect(names.filter((name) => name.startsWith('o:')).length).toBeGreaterThan(20)
      expect(new Set(names.map(nameOf)).size).toBeGreaterThan(keptQueries().length)
    },
  )

  it('mutation: a key that says of nobody whose it is would be noticed', () => {
    for (const name of ['cache:documents.list', 'o::cache:x', 'o:1:cache:x', 'who:ada', 'version:x:documents'])
      expect(isKnownRedisKey(name), name).toBe(false)
  })
})
