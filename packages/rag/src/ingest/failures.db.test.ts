import path from 'node:path'
import type { VersionId } from '@quarry/contracts'
import { newId } from '@quarry/db'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createParserPool } from '../parse/pool.ts'
import { abandonProcessing, processVersion, type IngestDeps } from './process-version.ts'
import {
  afterEachTx,
  handbook,
  localFile,
  openIngestion,
  type Ingestion,
  type IngestionTenant,
} from './testing/ingestion.ts'

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

describe('a file that cannot be read', () => {
  test.each([
    ['empty', '', 'text/plain' as const],
    ['not_text', Buffer.from([0xff, 0x00, 0x41]), 'text/plain' as const],
    ['damaged', 'no pdf', 'application/pdf' as const],
  ])('fails as %s, in words', async (code, content, mediaType) => {
    const { versionId, documentId } = await t.upload(content, { mediaType })
    expect(await processVersion(deps, t.tenantDb, versionId, never)).toBe('failed')
    expect(await t.versionRow(versionId)).toMatchObject({
      state: 'failed',
      error_code: code,
      error_text: expect.stringMatching(/^The file/),
    })
    expect(await t.liveVersion(documentId)).toBeNull()
  })

  test('whose bytes are gone says so', async () => {
    const { versionId } = await t.upload('text', { blobKey: `gone-${newId()}` })
    expect(await processVersion(deps, t.tenantDb, versionId, never)).toBe('failed')
    expect(await t.versionRow(versionId)).toMatchObject({ error_code: 'blob_missing' })
  })

  test('leaves the version before it in place, and none of its own rows', async () => {
    const old = await t.upload(handbook('lantern'))
    await processVersion(deps, t.tenantDb, old.versionId, never)
    const before = await t.rowsOf(old.versionId)
    const next = await t.upload('no pdf', { documentId: old.documentId, mediaType: 'application/pdf' })
    await processVersion(deps, t.tenantDb, next.versionId, never)
    expect(await t.liveVersion(old.documentId)).toBe(old.versionId)
    expect(await t.rowsOf(old.versionId)).toEqual(before)
    expect((await t.rowsOf(next.versionId)).pages).toHaveLength(0)
  })

  test('that breaks the parser is tried once more, then it has failed', async () => {
    const hostile = createParserPool({
      limits: { memoryMb: 200, timeoutMs: 20_000 },
      processes: 1,
      folder: path.join(ingestion.folder, 'hostile'),
      module: new URL('../parse/testing/hostile-child.ts', import.meta.url),
    })
    const as = (name: string): IngestDeps => ({
      ...deps,
      parser: hostile,
      blobs: { localFile: () => Promise.resolve(localFile(name)) },
    })
    const crashing = await t.upload('x')
    await expect(processVersion(as('crash'), t.tenantDb, crashing.versionId, never)).rejects.toMatchObject({
      code: 'crashed',
    })
    expect(await t.versionRow(crashing.versionId)).toMatchObject({ state: 'parsing' })
    expect(await processVersion(as('crash'), t.tenantDb, crashing.versionId, never)).toBe('failed')
    expect(await t.versionRow(crashing.versionId)).toMatchObject({ error_code: 'crashed' })
    const greedy = await t.upload('x')
    expect(await processVersion(as('greedy'), t.tenantDb, greedy.versionId, never)).toBe('failed')
    expect(await t.versionRow(greedy.versionId)).toMatchObject({ error_code: 'too_much_memory', attempt: 1 })
    await hostile.close()
  })

  test('that takes its worker along again and again is given up in the end', async () => {
    const { versionId } = await t.upload('text')
    await ingestion.db.owner`update document_version set attempt = 49 where id = ${versionId}`
    await expect(
      processVersion(
        { ...deps, blobs: { localFile: () => Promise.reject(new Error('killed')) } },
        t.tenantDb,
        versionId,
        never,
      ),
    ).rejects.toThrow('killed')
    expect(await processVersion(deps, t.tenantDb, versionId, never)).toBe('failed')
    expect(await t.versionRow(versionId)).toMatchObject({ error_code: 'crashed', attempt: 51 })
  })

  test('a version that is gone is final', async () => {
    await expect(processVersion(deps, t.tenantDb, newId() as VersionId, never)).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  test('given up after its last attempt, it has failed, and whoever still works on it is fenced off', async () => {
    const { versionId } = await t.upload(handbook('lantern', 60))
    let abandoned = false
    const slow = afterEachTx(t.tenantDb, async () => {
      if (!abandoned && (await t.versionRow(versionId))?.['stage'] === 'indexing') {
        abandoned = true
        await abandonProcessing(t.tenantDb, versionId, never)
      }
    })
    await expect(processVersion(deps, slow, versionId, never)).rejects.toMatchObject({ code: 'conflict' })
    expect(await t.versionRow(versionId)).toMatchObject({ state: 'failed', error_code: 'crashed' })
    expect((await t.rowsOf(versionId)).postings).toHaveLength(0)
  })
})
