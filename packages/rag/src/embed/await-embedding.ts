import { and, eq, gt, isNull, lt, or, sql } from 'drizzle-orm'
import type { OrgId, VersionId } from '@quarry/contracts'
import { schema, type Database, type TenantTx } from '@quarry/db'
import { isLanguage } from '../analyse/language.ts'
import type { EmbeddingModel } from './embedding-model.ts'

const { documentVersion } = schema

/**
 * Says in the version's row what becomes of its semantic index: 0 % when it waits for the model, null when the model does
 * not know its language. Returns whether it waits: then the caller puts the job into the queue, in this transaction.
 * @param modelId null while the model has not told it.
 */
export async function awaitEmbedding(
  tx: TenantTx,
  orgId: string,
  versionId: VersionId,
  language: string | null,
  model: EmbeddingModel,
  modelId: string | null,
): Promise<boolean> {
  const waits = language !== null && isLanguage(language) && model.knows(language)
  await tx
    .update(documentVersion)
    .set({ semantic: waits ? 0 : null, semanticModel: modelId })
    .where(and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId)))
  return waits
}

/** The job of this version has been given up: the next look for versions without an index finds it again. */
export async function forgetEmbedding(tx: TenantTx, orgId: string, versionId: VersionId): Promise<void> {
  await tx
    .update(documentVersion)
    .set({ semanticModel: null, updatedAt: sql`now()` })
    .where(
      and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId), sql`${documentVersion.semantic} < 100`),
    )
}

/**
 * Nobody is to make the index of this version with this model any more: it has none, and its model stays named, so that no
 * look for versions without an index finds it.
 * @param modelId for a version that was published before the model had told it.
 */
export async function endEmbedding(
  tx: TenantTx,
  orgId: string,
  versionId: VersionId,
  modelId: string | null,
): Promise<void> {
  await tx
    .update(documentVersion)
    .set({
      semantic: null,
      semanticModel: sql`coalesce(${documentVersion.semanticModel}, ${modelId}::text)`,
      updatedAt: sql`now()`,
    })
    .where(
      and(eq(documentVersion.orgId, orgId), eq(documentVersion.id, versionId), sql`${documentVersion.semantic} < 100`),
    )
}

export interface UnembeddedVersion {
  readonly orgId: OrgId
  readonly versionId: VersionId
  readonly language: string | null
}

/** A failing endpoint is tried again with this in between, and a version that has just been published has its job. */
const UNTOUCHED_SECONDS = 120

/** Live versions of all organisations that have no semantic index of this model, and no job that is making it. */
export const unembeddedVersions = (database: Database, modelId: string, limit: number): Promise<UnembeddedVersion[]> =>
  database.system(async (tx) => {
    const rows = await tx
      .select({ orgId: documentVersion.orgId, versionId: documentVersion.id, language: documentVersion.language })
      .from(documentVersion)
      .innerJoin(
        schema.document,
        and(
          eq(schema.document.orgId, documentVersion.orgId),
          eq(schema.document.id, documentVersion.documentId),
          eq(schema.document.liveVersionId, documentVersion.id),
        ),
      )
      .where(
        and(
          eq(documentVersion.state, 'searchable'),
          // As three stretches of an index, which "is distinct from" reads from end to end.
          or(
            isNull(documentVersion.semanticModel),
            lt(documentVersion.semanticModel, modelId),
            gt(documentVersion.semanticModel, modelId),
          ),
          sql`(${documentVersion.semanticModel} is not null or ${documentVersion.updatedAt} < now() - ${UNTOUCHED_SECONDS} * interval '1 second')`,
        ),
      )
      .limit(limit)
    return rows.map(({ orgId, versionId, language }) => ({
      orgId: orgId as OrgId,
      versionId: versionId as VersionId,
      language,
    }))
  })
