import { questionsOf } from '../search/questions.mjs'

/** So many of the questions of an organisation, and of its documents, are asked for at all. */
const QUESTIONS = 100
const DOCUMENTS = 100

/**
 * Everybody of a seeded database with a session of their own, in a mixed order, and what each could ask for: in the
 * order of how often they would.
 *
 * @param {import('@quarry/db/testing').TestDatabase} db
 * @param {readonly import('@quarry/core/seed').SeededTenant[]} organisations
 */
export const signIn = async (db, organisations) => {
  const all = []
  for (const { orgId, people, collections } of organisations) {
    const admin = people.find(({ role }) => role === 'admin') ?? people[0]
    const tenantDb = db.database.tenant({ kind: 'user', id: admin.userId, orgId, role: admin.role })
    const open = collections.filter(({ restricted }) => !restricted).map(({ id }) => id)
    const documents = await db.owner`
      select id from document where org_id = ${orgId} and collection_id in ${db.owner(open)} order by md5(id::text) limit ${DOCUMENTS}`
    const own = {
      orgId,
      admin: { kind: 'user', id: admin.userId, orgId, role: admin.role },
      collections: open,
      documents: documents.map(({ id }) => id),
      questions: (await questionsOf(tenantDb, orgId, QUESTIONS)).map(({ query }) => query),
    }
    const conversations =
      await db.owner`select id, owner_id from conversation where org_id = ${orgId} and deleted_at is null`
    for (const { userId, role } of people) {
      all.push({
        organisation: own,
        token: `session-${userId}`,
        actor: { kind: 'user', id: userId, orgId, role },
        conversations: conversations.filter(({ owner_id: id }) => id === userId).map(({ id }) => id),
      })
    }
  }
  const expiresAt = new Date(Date.now() + 24 * 3600_000).toISOString()
  const rows = all.map(({ token, actor }) => ({
    ...{ id: crypto.randomUUID(), token, expires_at: expiresAt },
    ...{ user_id: actor.id, active_organization_id: actor.orgId },
  }))
  await db.owner`insert into auth.session ${db.owner(rows)}`
  await db.owner`analyze auth.session`
  return all
}
