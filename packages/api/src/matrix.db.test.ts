import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { can, PERMISSIONS, role, type Actor, type Permission } from '@quarry/contracts'
import { createWebCore, type WebCore } from '@quarry/core/web'
import { createTestDatabase, type TestDatabase } from '@quarry/db/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { call, procedures } from './testing/call.ts'
import { MATRIX } from './testing/matrix-table.ts'
import { testEnvironment } from './testing/environment.ts'
import { callerOf, CANARY, createWorld, hashOfRows, type World } from './testing/world.ts'

let database: TestDatabase
let core: WebCore
let folder: string

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'quarry-matrix-'))
  database = await createTestDatabase()
  core = createWebCore(testEnvironment(database, folder))
})
afterAll(async () => {
  await core.close()
  await database.close()
  rmSync(folder, { recursive: true })
})

const rowOf = (path: string) => {
  const row = MATRIX[path]
  if (!row) throw new Error(`${path} is not in the table`)
  return row
}
/** The same input with ids that nobody has. */
const withUnknownIds = (input: object, ids: readonly string[]): unknown =>
  JSON.parse(ids.reduce((text, id) => text.replaceAll(id, randomUUID()), JSON.stringify(input)))

const isPermission = (needs: string): needs is Permission => needs in PERMISSIONS

/** Texts that the inputs of the table leave out. */
const OPTIONAL_TEXTS: Record<string, Record<string, string>> = {
  'documents.list': { query: '', cursor: '' },
  'conversations.list': { cursor: '', query: '' },
  'conversations.get': { cursor: '' },
  'chat.stream': { lastEventId: '' },
  'feed.stream': { lastEventId: '' },
  'audit.list': { action: '', actorId: '', from: '', before: '', cursor: '' },
}

describe('the table', () => {
  it('has every procedure of the router, and no other', () => {
    expect(Object.keys(MATRIX).toSorted()).toEqual(
      procedures()
        .map((p) => p.path)
        .toSorted(),
    )
    expect(procedures().length).toBeGreaterThan(15)
  })

  it.each(procedures())('$path declares what it needs, and that is what is meant', ({ path, can: needs }) => {
    expect(needs).toBe(rowOf(path).can)
  })
})

describe.each(procedures())('$path', ({ path, takesInput }) => {
  let a: World
  let b: World
  beforeAll(async () => {
    ;[a, b] = [await createWorld(core, database), await createWorld(core, database)]
  })
  const actorOf = (world: World): Actor => {
    const { by, ownedByMember } = rowOf(path)
    if (by) return by(world)
    return ownedByMember ? world.tenant.member : world.tenant.owner
  }

  it("is closed to who is not signed in, unless it is everybody's", async () => {
    for (const { input } of rowOf(path).inputs(a)) {
      const outcome = await call(core, null, path, input)
      expect(outcome).toMatchObject(rowOf(path).can === 'public' ? { ok: true } : { ok: false, status: 401 })
    }
  })

  it('is closed to keys where it is for people', async () => {
    if (rowOf(path).can !== 'person') return
    const before = await hashOfRows(a)
    for (const { input } of rowOf(path).inputs(a))
      expect(await call(core, a.tenant.apiKey, path, input)).toMatchObject({ ok: false, status: 403 })
    expect(await hashOfRows(a)).toBe(before)
  })

  it('is closed to each role without the permission', async () => {
    const { can: needs } = rowOf(path)
    const lacking = isPermission(needs) ? role.options.filter((r) => !can(r, needs)) : []
    const before = await hashOfRows(a)
    for (const { input } of rowOf(path).inputs(a))
      for (const r of lacking)
        expect(await call(core, a.tenant[r], path, input)).toMatchObject({ ok: false, status: 403 })
    expect(await hashOfRows(a)).toBe(before)
  })

  it("answers another tenant with A's ids as with ids that nobody has, and writes nothing of A", async () => {
    const before = await hashOfRows(a)
    for (const { input, ids, meanwhile, bearer } of rowOf(path).inputs(a)) {
      const caller = actorOf(b)
      const own = meanwhile && (() => meanwhile(b))
      const foreign = await call(core, caller, path, input, own)
      expect(JSON.stringify(foreign)).not.toContain(a.collectionId)
      if (ids.length > 0 && !bearer) {
        expect(foreign).toEqual(await call(core, caller, path, withUnknownIds(input, ids), own))
        expect(JSON.stringify(foreign)).not.toContain(CANARY)
      }
    }
    expect(await hashOfRows(a)).toBe(before)
  })

  it('answers colleagues with ids of a conversation that is not theirs as with ids that nobody has', async () => {
    if (!rowOf(path).ownedByMember) return
    const before = await hashOfRows(a)
    for (const { input, ids, private: isPrivate } of rowOf(path).inputs(a))
      for (const colleague of [a.tenant.owner, a.tenant.admin, a.tenant.viewer, a.tenant.apiKey]) {
        if (!isPrivate) continue
        const foreign = await call(core, colleague, path, input)
        expect(foreign).toMatchObject({ ok: false, status: 404 })
        expect(foreign).toEqual(await call(core, colleague, path, withUnknownIds(input, ids)))
      }
    expect(await hashOfRows(a)).toBe(before)
  })

  it('answers who may not see a collection as if nothing of it were there', async () => {
    if (rowOf(path).ofTheCaller) return
    const closed = await createWorld(core, database, 'restricted')
    const before = await hashOfRows(closed)
    for (const { input, ids, private: isPrivate, meanwhile, bearer } of rowOf(path).inputs(closed)) {
      // A collection or a key that is made is the caller's own doing; a conversation is the member's own.
      if (isPrivate || meanwhile || (ids.length === 0 && path.endsWith('.create'))) continue
      for (const outsider of [closed.tenant.member, closed.tenant.viewer, closed.tenant.apiKey]) {
        const outcome = await call(core, outsider, path, input)
        for (const secret of [closed.collectionId, closed.document.path, closed.document.documentId])
          expect(JSON.stringify(outcome)).not.toContain(secret)
        if (ids.length > 0 && !bearer)
          expect(outcome).toEqual(await call(core, outsider, path, withUnknownIds(input, ids)))
      }
    }
    expect(await hashOfRows(closed)).toBe(before)
  })

  it('refuses fields that are not its own', async () => {
    if (!takesInput) return
    for (const { input } of rowOf(path).inputs(a))
      for (const field of [
        'orgId',
        'ownerId',
        'createdAt',
        'actor',
        ...('role' in input ? [] : ['role']),
        ...('id' in input ? [] : ['id']),
      ])
        expect(await call(core, actorOf(a), path, { ...input, [field]: b.tenant.orgId })).toMatchObject({
          ok: false,
          status: 400,
        })
  })

  it('refuses text that no row can hold, wherever a text may stand', async () => {
    for (const { input } of rowOf(path).inputs(a))
      for (const [field, value] of Object.entries({ ...OPTIONAL_TEXTS[path], ...input })) {
        if (typeof value !== 'string' || field === 'visibility') continue
        expect(await call(core, actorOf(a), path, { ...input, [field]: 'half\u0000way there' })).toMatchObject({
          ok: false,
          status: 400,
        })
      }
  })

  // Last, because it changes the world that the others look at.
  it('works for its owner', async () => {
    for (const { input, meanwhile, shows } of rowOf(path).inputs(a)) {
      const outcome = await call(core, callerOf(actorOf(a)), path, input, meanwhile && (() => meanwhile(a)))
      expect(outcome).toMatchObject({ ok: true })
      if (shows) expect(JSON.stringify(outcome)).toContain(shows)
      if (path.endsWith('.delete') || path === 'keys.revoke' || path === 'documents.complete') break
    }
  })
})
