import { and, eq, sql } from 'drizzle-orm'
import { AppError, type VersionId, type WarningCode } from '@quarry/contracts'
import { emitSignal, schema, type TenantDb, type TenantTx } from '@quarry/db'
import type { Language } from '../analyse/language.ts'
import { holdClaim, type Claim } from './claim.ts'

const { document, documentVersion } = schema

export interface Summary {
  readonly language: Language
  readonly chunkCount: number
  readonly sectionCount: number
  /** null where the format has no pages. */
  readonly pageCount: number | null
  readonly warnings: readonly { readonly code: WarningCode; readonly ordinals: number[] }[]
}

/** What else happens in the transaction in which a version becomes the live one. */
export type Published = (tx: TenantTx, orgId: string, versionId: VersionId, language: Language) => Promise<void>

/**
 * Makes the claimed version the one that answers questions, in one short transaction: until then the old one did, from
 * then on this one does. A version that is newer and live already wins: this one then ends searchable, but not live.
 */
export const publishVersion = (
  tenantDb: TenantDb,
  claim: Claim,
  summary: Summary,
  published?: Published,
): Promise<void> =>
  tenantDb.tx(async (tx) => {
    const { orgId } = tenantDb.actor
    // Locked before the version, as everywhere: two versions of a document are published one after the other.
    const [parent] = await tx
      .select({ liveVersionId: document.liveVersionId })
      .from(document)
      .where(and(eq(document.orgId, orgId), eq(document.id, claim.documentId)))
      .for('update')
    if (parent === undefined) throw new AppError('not_found')
    await holdClaim(tx, orgId, claim, {
      ...summary,
      warnings: [...summary.warnings],
      state: 'searchable',
      stage: null,
      progress: 100,
      searchableAt: new Date(),
    })
    // UUIDv7 ids sort by the moment they were made in.
    const live = parent.liveVersionId
    if (live !== null && live > claim.versionId) {
      await emitSignal(tx, 'document', claim.documentId)
      return
    }
    await tx
      .update(document)
      .set({ liveVersionId: claim.versionId })
      .where(and(eq(document.orgId, orgId), eq(document.id, claim.documentId)))
    // The sums are taken from the chunks themselves, so that what goes in is what comes out again.
    await tx.execute(sql`
      insert into collection_stat as s (org_id, collection_id, language, chunks, length)
      select org_id, collection_id, language,
        sum(case when version_id = ${claim.versionId}::uuid then 1 else -1 end)::integer,
        sum(case when version_id = ${claim.versionId}::uuid then token_count else -token_count end)::bigint
      from chunk where org_id = ${orgId}::uuid and version_id in (${claim.versionId}::uuid, ${live}::uuid)
      group by org_id, collection_id, language
      -- Always in one order: two versions that change language would wait for each other's row.
      order by language
      on conflict (org_id, collection_id, language)
      do update set chunks = s.chunks + excluded.chunks, length = s.length + excluded.length`)
    await tx.execute(
      sql`update collection set index_version = index_version + 1 where org_id = ${orgId}::uuid and id = ${claim.collectionId}::uuid`,
    )
    await published?.(tx, orgId, claim.versionId, summary.language)
    await emitSignal(tx, 'document', claim.documentId)
  })

/** Ends a version as failed, for a reason out of FAILURES. @throws AppError `conflict` when the claim is lost. */
export const failVersion = (
  tenantDb: TenantDb,
  claim: Claim,
  failure: { code: string; message: string },
): Promise<void> =>
  tenantDb.tx(async (tx) => {
    await holdClaim(tx, tenantDb.actor.orgId, claim, {
      state: 'failed',
      stage: null,
      errorCode: failure.code,
      errorText: failure.message,
    })
    await emitSignal(tx, 'document', claim.documentId)
  })

/**
 * Ends a version that no worker will take up again. Whoever still writes it is fenced off. Does nothing to a version
 * that has ended, or is gone. Returns the document of a version that it ended.
 */
export const abandonVersion = (
  tenantDb: TenantDb,
  versionId: string,
  failure: { code: string; message: string },
): Promise<string | null> =>
  tenantDb.tx(async (tx) => {
    const [row] = await tx
      .update(documentVersion)
      .set({
        state: 'failed',
        stage: null,
        errorCode: failure.code,
        errorText: failure.message,
        attempt: sql`${documentVersion.attempt} + 1`,
        updatedAt: sql`now()`,
      })
      .where(
        and(
          eq(documentVersion.orgId, tenantDb.actor.orgId),
          eq(documentVersion.id, versionId),
          sql`${documentVersion.state} in ('uploaded', 'parsing')`,
        ),
      )
      .returning({ documentId: documentVersion.documentId })
    if (row === undefined) return null
    await emitSignal(tx, 'document', row.documentId)
    return row.documentId
  })
