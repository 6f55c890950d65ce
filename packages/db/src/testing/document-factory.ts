import { createHash } from 'node:crypto'
import { eq, sql } from 'drizzle-orm'
import type { CollectionId, DocumentId, VersionId } from '@quarry/contracts'
import { newId } from '../ids.ts'
import {
  chunk,
  chunkEmbedding,
  collectionStat,
  document,
  documentPage,
  documentVersion,
  posting,
} from '../schema/index.ts'
import type { TestTenant } from './tenant-factory.ts'

export interface TestDocument {
  readonly documentId: DocumentId
  readonly versionId: VersionId
  readonly collectionId: CollectionId
  readonly path: string
}

/**
 * A searchable document as ingestion leaves it behind: a chunk per page, a posting per lower-case word (English without
 * a stemmer), an embedding of the model `test`, statistics counted. `pages` are texts.
 */
export const createDocument = async (
  tenant: Pick<TestTenant, 'orgId' | 'system' | 'as'>,
  collectionId: CollectionId,
  options: { readonly path?: string; readonly pages?: readonly string[] } = {},
): Promise<TestDocument> => {
  const { orgId } = tenant
  const documentId = newId() as DocumentId
  const versionId = newId() as VersionId
  const { path = `${documentId.slice(-6)}.md`, pages = ['The canary sings in the quarry.'] } = options
  const chunks = pages.map((text, index) => ({ ordinal: index + 1, text, words: wordsOf(text) }))
  const length = chunks.reduce((sum, { words }) => sum + words.length, 0)

  await tenant.as(tenant.system).tx(async (tx) => {
    await tx.insert(document).values({ orgId, id: documentId, collectionId, sourcePath: path, title: path })
    await tx.insert(documentVersion).values({
      orgId,
      id: versionId,
      documentId,
      collectionId,
      state: 'searchable',
      progress: 100,
      contentHash: createHash('sha256').update(pages.join('\n')).digest('hex'),
      sizeBytes: Buffer.byteLength(pages.join('\n')),
      mediaType: 'text/markdown',
      sectionCount: pages.length,
      chunkCount: pages.length,
      language: 'english',
      searchableAt: new Date(),
    })
    await tx
      .insert(documentPage)
      .values(chunks.map(({ ordinal, text }) => ({ orgId, versionId, ordinal, collectionId, text })))
    await tx.insert(chunk).values(
      chunks.map(({ ordinal, text, words }) => ({
        orgId,
        versionId,
        ordinal,
        documentId,
        collectionId,
        headingPath: [],
        pageFrom: ordinal,
        pageTo: ordinal,
        spanStart: 0,
        spanEnd: text.length,
        tokenCount: words.length,
        language: 'english',
      })),
    )
    await tx.insert(chunkEmbedding).values(
      chunks.map(({ ordinal, text }) => ({
        orgId,
        model: 'test',
        versionId,
        ordinal,
        windowOrdinal: 0,
        collectionId,
        textHash: createHash('sha256').update(text).digest('hex'),
        embedding: `[${text.length},1,0]`,
      })),
    )
    const postings = chunks.flatMap(({ ordinal, words }) =>
      [...new Set(words)].map((lexeme) => ({
        orgId,
        lexeme,
        versionId,
        ordinal,
        collectionId,
        tf: words.filter((word) => word === lexeme).length,
        length: words.length,
      })),
    )
    if (postings.length > 0) await tx.insert(posting).values(postings)
    await tx
      .insert(collectionStat)
      .values({ orgId, collectionId, language: 'english', chunks: chunks.length, length })
      .onConflictDoUpdate({
        target: [collectionStat.orgId, collectionStat.collectionId, collectionStat.language],
        set: {
          chunks: sql`${collectionStat.chunks} + ${chunks.length}`,
          length: sql`${collectionStat.length} + ${length}`,
        },
      })
    await tx
      .update(document)
      .set({ liveVersionId: versionId, latestVersionId: versionId })
      .where(eq(document.id, documentId))
  })
  return { documentId, versionId, collectionId, path }
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/\p{L}+/gu) ?? []
