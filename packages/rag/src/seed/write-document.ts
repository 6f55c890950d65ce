import { createHash } from 'node:crypto'
import { sql } from 'drizzle-orm'
import type { DocumentId, VersionId } from '@quarry/contracts'
import { schema, type TenantDb } from '@quarry/db'
import { createChunker, nameInWords } from '../chunk/chunker.ts'
import { windowsOf } from '../embed/windows.ts'
import { analyseChunk, insertChunks, insertPages } from '../ingest/write-batch.ts'
import { sectionsOf } from '../parse/sections.ts'
import { json } from '../retrieve/rows.ts'
import type { SeedText } from './document-text.ts'
import { SEED_EMBEDDING, seedVector } from './word-vectors.ts'

export interface SeedDocument {
  readonly documentId: DocumentId
  readonly versionId: VersionId
  readonly collectionId: string
  readonly createdBy: string
  readonly createdAt: Date
  /** Where its Markdown is stored; null when it is not. */
  readonly blobKey: string | null
  readonly text: SeedText
}

/** A sentence of a document, for somebody to quote. */
export interface Quotable {
  readonly ordinal: number
  readonly start: number
  readonly end: number
  readonly quote: string
  readonly heading: string | null
}

export interface WrittenDocument {
  readonly chunks: number
  readonly quotable: Quotable
}

/** Long enough for one passage of a seeded document. */
const WINDOW_WORDS = 200
/** A vector is 4 kB of text: so many in one statement. */
const VECTORS_PER_STATEMENT = 250
/** A long document on a busy machine. */
const TIMEOUT_MS = 120_000

/**
 * Writes one searchable document in one transaction: pages, passages and postings as ingestion writes them, by the same
 * code, and a vector for each passage. What its collection counts (collection_stat, index_version) is left to the caller.
 */
export async function writeDocument(tenantDb: TenantDb, seed: SeedDocument): Promise<WrittenDocument> {
  const { orgId } = tenantDb.actor
  const { documentId, versionId, collectionId, text, createdAt } = seed
  const pages = [...sectionsOf(text.pieces)]
  const chunker = createChunker(nameInWords(text.path), text.language)
  const chunks = pages.flatMap((page) =>
    chunker.chunksOf(page).map((chunk) => ({ ...analyseChunk(page, chunk, text.language), page })),
  )
  const sizeBytes = Buffer.byteLength(text.markdown)
  const claim = {
    ...{ versionId, documentId, collectionId, sizeBytes, blobKey: seed.blobKey },
    attempt: 1,
    sourcePath: text.path,
    mediaType: 'text/markdown' as const,
  }
  const vectors = chunks.flatMap(({ chunk, page }) =>
    windowsOf(page.text.slice(chunk.span.start, chunk.span.end), chunk.headingPath, text.language, {
      words: WINDOW_WORDS,
    }).map((window) => ({
      ordinal: chunk.ordinal,
      window: window.ordinal,
      hash: window.hash,
      vector: `[${seedVector(window.text).join(',')}]`,
    })),
  )
  await tenantDb.tx(
    async (tx) => {
      await tx.insert(schema.document).values({
        ...{ orgId, id: documentId, collectionId, sourcePath: text.path, title: text.title },
        ...{ liveVersionId: versionId, latestVersionId: versionId, createdBy: seed.createdBy, createdAt },
      })
      await tx.insert(schema.documentVersion).values({
        ...{ orgId, id: versionId, documentId, collectionId, sizeBytes, createdAt },
        ...{ state: 'searchable', progress: 100, attempt: 1, mediaType: 'text/markdown', language: text.language },
        contentHash: createHash('sha256').update(text.markdown).digest('hex'),
        blobKey: seed.blobKey,
        sectionCount: pages.length,
        chunkCount: chunks.length,
        semanticModel: SEED_EMBEDDING.id,
        semantic: 100,
        createdBy: seed.createdBy,
        updatedAt: createdAt,
        searchableAt: createdAt,
      })
      await insertPages(tx, orgId, claim, pages)
      await insertChunks(tx, orgId, claim, text.language, chunks)
      for (let from = 0; from < vectors.length; from += VECTORS_PER_STATEMENT) {
        const batch = vectors.slice(from, from + VECTORS_PER_STATEMENT)
        await tx.execute(sql`
          insert into chunk_embedding (org_id, model, version_id, ordinal, window_ordinal, collection_id, text_hash, embedding)
          select ${orgId}::uuid, ${SEED_EMBEDDING.id}, ${versionId}::uuid, i.ordinal, i."window", ${collectionId}::uuid, i.hash, i.vector::halfvec
          from jsonb_to_recordset(${json(batch)}) as i(ordinal int, "window" int, hash text, vector text)`)
      }
    },
    { timeoutMs: TIMEOUT_MS },
  )
  const first = pages[0]
  const paragraph = first?.blocks.find(({ kind }) => kind === 'paragraph')
  if (first === undefined || paragraph === undefined) throw new Error('a seeded document has no text')
  const end = first.text.indexOf('. ', paragraph.start) + 1 || paragraph.end
  return {
    chunks: chunks.length,
    quotable: {
      ...{ ordinal: 1, start: paragraph.start, end, quote: first.text.slice(paragraph.start, end) },
      heading: chunks[0]?.chunk.headingPath.at(-1) ?? null,
    },
  }
}
