import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { CollectionId, DocumentId, MediaType, VersionId } from '@quarry/contracts'
import { newId, schema, type TenantDb } from '@quarry/db'
import { createCollection, createTenant, createTestDatabase } from '@quarry/db/testing'
import { createLogger } from '@quarry/observability'
import { and, eq } from 'drizzle-orm'
import { findLanguages } from '../../parse/ocr/languages.ts'
import { createParserPool } from '../../parse/pool.ts'
import type { IngestDeps } from '../process-version.ts'

const { document, documentVersion } = schema

export interface UploadOptions {
  readonly mediaType?: MediaType
  /** A further version of this document; a new document when left out. */
  readonly documentId?: DocumentId
  /** `gone…` is a blob that is not there. */
  readonly blobKey?: string
  readonly sourcePath?: string
}

/** A database, a parser pool and files for one test file. Call `close` in afterAll. */
export const openIngestion = async () => {
  const db = await createTestDatabase()
  const folder = await mkdtemp(path.join(tmpdir(), 'quarry-ingest-'))
  const parser = createParserPool({
    limits: {
      memoryMb: 512,
      timeoutMs: 30_000,
      ocr: { languages: findLanguages(['eng'], undefined), pageMs: 60_000, maxPages: 20 },
    },
    processes: 2,
    folder: path.join(folder, 'parse'),
  })
  return {
    db,
    folder,
    deps: {
      parser,
      logger: createLogger({ name: 'test', level: 'silent' }),
      blobs: { localFile: (key) => Promise.resolve(key.startsWith('gone') ? null : localFile(path.join(folder, key))) },
    } satisfies IngestDeps as IngestDeps,
    /** An organisation with a collection of its own. */
    newTenant: () => newIngestionTenant(db, folder),
    close: async () => {
      await parser.close()
      await db.close()
      await rm(folder, { recursive: true })
    },
  }
}

export const localFile = (file: string) => ({ path: file, release: () => Promise.resolve() })

type Database = Awaited<ReturnType<typeof createTestDatabase>>

const newIngestionTenant = async (db: Database, folder: string) => {
  const tenant = await createTenant(db)
  const tenantDb = tenant.as(tenant.system)
  const collectionId: CollectionId = await createCollection(tenant)
  const { orgId } = tenant
  return {
    tenantDb,
    collectionId,
    /** A version that waits for the worker, with these bytes. */
    upload: async (content: string | Uint8Array, options: UploadOptions = {}) => {
      const versionId = newId() as VersionId
      const documentId = options.documentId ?? (newId() as DocumentId)
      const sourcePath = options.sourcePath ?? `docs/Staff_handbook-${documentId}.md`
      await writeFile(path.join(folder, versionId), content)
      await tenantDb.tx(async (tx) => {
        if (options.documentId === undefined)
          await tx.insert(document).values({ orgId, id: documentId, collectionId, sourcePath, title: 'Handbook' })
        await tx.insert(documentVersion).values({
          orgId,
          id: versionId,
          documentId,
          collectionId,
          state: 'uploaded',
          stage: 'waiting',
          blobKey: options.blobKey ?? versionId,
          sizeBytes: content.length,
          mediaType: options.mediaType ?? 'text/markdown',
        })
        await tx
          .update(document)
          .set({ latestVersionId: versionId })
          .where(and(eq(document.orgId, orgId), eq(document.id, documentId)))
      })
      return { documentId, versionId }
    },
    versionRow: async (versionId: VersionId) =>
      (
        await db.owner<Record<string, unknown>[]>`
          select state, stage, progress, attempt, error_code, error_text, language, chunk_count, section_count, page_count, warnings
          from document_version where id = ${versionId}`
      )[0],
    liveVersion: async (documentId: DocumentId) =>
      (
        await db.owner<{ live: string | null }[]>`select live_version_id as live from document where id = ${documentId}`
      )[0]?.live,
    indexVersion: async () =>
      Number(
        (await db.owner<{ v: string }[]>`select index_version as v from collection where id = ${collectionId}`)[0]?.v,
      ),
    /** What collection_stat says. */
    stats: async () => [
      ...(await db.owner`
        select language, chunks, length::int from collection_stat
        where collection_id = ${collectionId} and chunks <> 0 order by language`),
    ],
    /** What it must say: counted from the chunks of live versions. */
    countedStats: async () => [
      ...(await db.owner`
        select c.language, count(*)::int as chunks, sum(c.token_count)::int as length
        from chunk c join document d on d.live_version_id = c.version_id
        where c.collection_id = ${collectionId} group by 1 order by 1`),
    ],
    /** Everything that was written for a version, without ids. */
    rowsOf: async (versionId: VersionId) => ({
      pages: await db.owner`
        select ordinal, text, width, height, boxes, label, ocr, blocks from document_page where version_id = ${versionId} order by 1`,
      chunks: await db.owner`
        select ordinal, heading_path, page_from, page_to, span_start, span_end, token_count, language
        from chunk where version_id = ${versionId} order by 1`,
      postings: await db.owner`
        select lexeme, ordinal, tf, length from posting where version_id = ${versionId}
        order by lexeme collate "C", ordinal`,
    }),
    clear: async () => {
      await db.owner`delete from document where collection_id = ${collectionId}`
      await db.owner`delete from collection_stat where collection_id = ${collectionId}`
    },
  }
}

export type Ingestion = Awaited<ReturnType<typeof openIngestion>>
export type IngestionTenant = Awaited<ReturnType<typeof newIngestionTenant>>

/** Prose with a word that can be looked for. */
export const handbook = (word: string, sections = 30) =>
  Array.from(
    { length: sections },
    (_, i) =>
      `## Chapter ${i}\n\n${`The ${word} of section ${i} repairs ${word}s, and counts to ${i * 7}. `.repeat(12)}\n`,
  ).join('\n')

/** The same database, with something that happens after each of its transactions. */
export const afterEachTx = (tenantDb: TenantDb, then: () => Promise<void>): TenantDb => ({
  actor: tenantDb.actor,
  tx: async (fn, options) => {
    const result = await tenantDb.tx(fn, options)
    await then()
    return result
  },
})
