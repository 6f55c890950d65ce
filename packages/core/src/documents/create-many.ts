import { and, eq, inArray, isNull, sql } from 'drizzle-orm'
import { AppError, documentId, versionId, type createManyInput, type CreateManyOutput } from '@quarry/contracts'
import { emitSignal, schema, newId, type TenantTx } from '@quarry/db'
import type { z } from 'zod'
import { authorise } from '../access/authorise.ts'
import type { VerbContext } from '../context.ts'
import { requireOn } from '../flags/require-on.ts'
import { refusalOf } from './refusal.ts'

type Input = z.infer<typeof createManyInput>
type Item = CreateManyOutput[number]

/**
 * Makes a row and an upload ticket for each file that can be taken; the others are refused by name and leave nothing
 * behind. A path that exists gets a new version, which replaces the old one only when it has become searchable.
 */
export const createManyDocuments = async (ctx: VerbContext, input: Input): Promise<CreateManyOutput> => {
  authorise(ctx, 'documents.write')
  await requireOn(ctx, 'documents.uploads')
  const { orgId } = ctx.actor
  const planned = input.files.map((file) => ({ file, refused: refusalOf(file, ctx.deps.limits.uploadMaxBytes) }))
  const accepted = planned.filter((p) => p.refused === null).map((p) => p.file)
  const tickets = await ctx.deps.database.tenant(ctx.actor).tx(async (tx) => {
    const { collection } = schema
    const [target] = await tx
      .select({ id: collection.id })
      .from(collection)
      .where(and(eq(collection.orgId, orgId), eq(collection.id, input.collectionId)))
    if (!target) throw new AppError('not_found')
    return accepted.length === 0 ? [] : insertVersions(ctx, tx, input.collectionId, accepted)
  })
  let next = 0
  return planned.map(({ file, refused }): Item => {
    if (refused) return { path: file.path, documentId: null, ticket: null, refused }
    const ticket = tickets[next++]
    if (!ticket) throw new Error('fewer tickets than accepted files')
    return { path: file.path, ...ticket, refused: null }
  })
}

const titleOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1).replace(/\.[^.]+$/, '')

const insertVersions = async (ctx: VerbContext, tx: TenantTx, collectionId: string, files: Input['files']) => {
  const { orgId, id: createdBy } = ctx.actor
  const { document, documentVersion } = schema
  await tx
    .insert(document)
    .values(
      files.map((file) => ({
        orgId,
        id: newId(),
        collectionId,
        sourcePath: file.path,
        title: titleOf(file.path),
        createdBy,
      })),
    )
    .onConflictDoNothing({ target: [document.orgId, document.collectionId, document.sourcePath] })
  const paths = [...new Set(files.map((file) => file.path))]
  const rows = await tx
    .select({ id: document.id, path: document.sourcePath })
    .from(document)
    .where(and(eq(document.orgId, orgId), eq(document.collectionId, collectionId), inArray(document.sourcePath, paths)))
  const idOf = new Map(rows.map((row) => [row.path, row.id]))
  const versions = files.map((file) => {
    const id = idOf.get(file.path)
    if (!id) throw new Error('a document that was just inserted is not visible')
    return { orgId, id: newId(), documentId: id, collectionId, sizeBytes: file.sizeBytes, createdBy }
  })
  await tx.insert(documentVersion).values(versions)
  // Only a new document shows its upload: an old one keeps what it has until the bytes are there.
  await tx
    .update(document)
    .set({
      latestVersionId: sql`(select v.id from document_version v where v.org_id = ${document.orgId} and v.document_id = ${document.id} order by v.id limit 1)`,
    })
    .where(and(eq(document.orgId, orgId), inArray(document.id, [...idOf.values()]), isNull(document.latestVersionId)))
  // One signal for the list, not one per file: a drop of 200 files is one change to whoever looks.
  await emitSignal(tx, 'collection', collectionId)
  return versions.map((v) => ({ documentId: documentId.parse(v.documentId), ticket: versionId.parse(v.id) }))
}
