import type { TenantDb } from '@quarry/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { claimVersion } from './claim.ts'
import { processVersion, type IngestDeps } from './process-version.ts'
import { afterEachTx, handbook, openIngestion, type Ingestion, type IngestionTenant } from './testing/ingestion.ts'

let ingestion: Ingestion
let t: IngestionTenant
let deps: IngestDeps
beforeAll(async () => {
  ingestion = await openIngestion()
  deps = ingestion.deps
})
afterAll(() => ingestion.close())
beforeEach(async () => {
  t = await ingestion.newTenant()
})
const never = new AbortController().signal

describe('interrupted', () => {
  class Killed extends Error {}

  /** A process that dies before its `after`-th transaction, or between it and the next. */
  const mortal = (after: number): TenantDb & { count: () => number } => {
    let count = 0
    return {
      actor: t.tenantDb.actor,
      count: () => count,
      tx: (fn, options) => {
        if (++count > after) return Promise.reject(new Killed())
        return t.tenantDb.tx(fn, options)
      },
    }
  }

  test('at every transaction, and run again: the same rows as a calm run', async () => {
    const text = handbook('lantern', 40)
    const calm = await t.upload(text, { sourcePath: 'Handbook.md' })
    const whole = mortal(Number.POSITIVE_INFINITY)
    await processVersion(deps, whole, calm.versionId, never)
    const wanted = await t.rowsOf(calm.versionId)
    const wantedStats = await t.stats()
    expect(whole.count()).toBeGreaterThan(5)
    for (let after = 0; after < whole.count(); after++) {
      await t.clear()
      const version = await t.upload(text, { sourcePath: 'Handbook.md' })
      await expect(processVersion(deps, mortal(after), version.versionId, never)).rejects.toThrow(Killed)
      await processVersion(deps, t.tenantDb, version.versionId, never)
      expect(await t.rowsOf(version.versionId)).toEqual(wanted)
      expect(await t.stats()).toEqual(wantedStats)
      expect(await t.liveVersion(version.documentId)).toBe(version.versionId)
    }
  })

  test('by the signal: stops, and leaves the version to the next attempt', async () => {
    const { versionId } = await t.upload(handbook('lantern', 400))
    const stop = new AbortController()
    const stopping = afterEachTx(t.tenantDb, async () => {
      if ((await t.versionRow(versionId))?.['stage'] === 'indexing') stop.abort(new Error('shutdown'))
    })
    await expect(processVersion(deps, stopping, versionId, stop.signal)).rejects.toThrow('shutdown')
    expect(await t.versionRow(versionId)).toMatchObject({ state: 'parsing' })
    expect(await processVersion(deps, t.tenantDb, versionId, never)).toBe('searchable')
  })

  test('and claimed by another worker that is no further: only the newest claim writes', async () => {
    const { versionId } = await t.upload(handbook('lantern', 60))
    let taken = false
    const slow = afterEachTx(t.tenantDb, async () => {
      if (!taken && (await t.versionRow(versionId))?.['stage'] === 'indexing') {
        taken = true
        await claimVersion(t.tenantDb, versionId)
      }
    })
    await expect(processVersion(deps, slow, versionId, never)).rejects.toMatchObject({ code: 'conflict' })
    expect(await t.versionRow(versionId)).toMatchObject({ state: 'parsing', attempt: 2 })
  })

  test('and taken up by another worker: the first one can write nothing any more', async () => {
    const { versionId } = await t.upload(handbook('lantern', 60))
    let taken = false
    const slow = afterEachTx(t.tenantDb, async () => {
      if (!taken && (await t.versionRow(versionId))?.['stage'] === 'indexing') {
        taken = true
        await processVersion(deps, t.tenantDb, versionId, never)
      }
    })
    await expect(processVersion(deps, slow, versionId, never)).rejects.toMatchObject({ code: 'conflict' })
    expect(taken).toBe(true)
    expect(await t.versionRow(versionId)).toMatchObject({ state: 'searchable', attempt: 2 })
    expect(await t.stats()).toEqual(await t.countedStats())
  })
})
