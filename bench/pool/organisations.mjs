import { randomUUID } from 'node:crypto'
import { createCollection, createTenant } from '../../packages/db/src/testing/index.ts'

/** Few enough to be made in a second, more than one page and one tenant's worth of everything. */
const ORGANISATIONS = 10
const COLLECTIONS = 4
const DOCUMENTS = 500

/**
 * Organisations with documents, as plain rows. Returns a member of each.
 *
 * @param {import('../../packages/db/src/testing/index.ts').TestDatabase} db
 */
export const seedOrganisations = async (db) => {
  const members = []
  for (let o = 0; o < ORGANISATIONS; o++) {
    const tenant = await createTenant(db)
    members.push(tenant.member)
    for (let c = 0; c < COLLECTIONS; c++) {
      const collectionId = await createCollection(tenant)
      const rows = Array.from({ length: DOCUMENTS / COLLECTIONS }, (_, i) => {
        const versionId = randomUUID()
        return { id: randomUUID(), versionId, path: `reports/${2020 + (i % 6)}/quarter-${i}.md`, age: i * 61 }
      })
      const table = 'json_to_recordset($3::text::json) as r(id uuid, "versionId" uuid, path text, age integer)'
      const params = [tenant.orgId, collectionId, JSON.stringify(rows)]
      await db.owner.unsafe(
        `insert into document (org_id, id, collection_id, source_path, title, live_version_id, latest_version_id, created_by, created_at)
         select $1, r.id, $2, r.path, r.path, r."versionId", r."versionId", null, now() - r.age * interval '1 minute' from ${table}`,
        params,
      )
      await db.owner.unsafe(
        `insert into document_version (org_id, id, document_id, collection_id, state, progress, content_hash, size_bytes, media_type, section_count, chunk_count, language, searchable_at)
         select $1, r."versionId", r.id, $2, 'searchable', 100, md5(r.path) || md5(r.path), 12345, 'text/markdown', 3, 12, 'english', now() from ${table}`,
        params,
      )
    }
  }
  await db.owner.unsafe('analyze')
  return members
}
