/** What the largest organisation gets beside its seeded rows, where `scale` is 1. */
const ROWS = { conversations: 5_000, documents: 12_000, members: 300, keys: 100, invitations: 300, events: 20_000 }
/**
 * What others get, so that no organisation has most of a table, which would be read as a whole for good reason. Their
 * messages are short: nobody looks into them.
 */
const OTHERS = { organisations: 12, conversations: 2_000, documents: 4_000 }
/** In each conversation: two questions and two answers of about 1,600 characters. */
const MESSAGES = 4

/**
 * Gives a member of an organisation more conversations than anybody has, and the organisation long lists of everything.
 * Plain SQL, past the policies; documents without content, as what only lists show.
 *
 * @param {object[]} organisations as seeded, the largest first: that is the one
 * @returns {Promise<{ orgId: string, owner: object, member: object, collectionId: string, conversationIds: string[],
 *   words: { frequent: string, rare: string, none: string }, rows: Record<string, number> }>}
 */
export const addHeavyUser = async (owner, [largest, ...others], scale) => {
  const { orgId, people, collections } = largest
  const rows = Object.fromEntries(Object.entries(ROWS).map(([name, count]) => [name, Math.ceil(count * scale)]))
  const user = people.find(({ role }) => role === 'member').userId
  const collectionId = collections.find(({ restricted }) => !restricted).id
  const id = (kind) => `overlay(overlay(md5('${orgId} ${kind} ' || i) placing '4' from 13) placing '8' from 17)::uuid`
  const to = (count) => `generate_series(1, ${count}) as i`
  const at = `now() - i * interval '1 minute'`
  await owner.unsafe(`set session_replication_role = replica`)
  for (const statement of [
    `insert into conversation (org_id, id, owner_id, title, created_at, updated_at)
      select '${orgId}', ${id('conversation')}, '${user}', 'Question ' || i, ${at}, ${at} from ${to(rows.conversations)}`,
    `insert into message (org_id, id, conversation_id, owner_id, role, state, text, created_at)
      select '${orgId}', gen_random_uuid(), ${id('conversation')}, '${user}', case m % 2 when 1 then 'user' else 'assistant' end, 'complete',
        (select string_agg('The ' || md5((i * 31 + k + m)::text) || ' of Öfen and gauges', '. ') from generate_series(1, 28) k)
          || case when i % 1000 = 7 then ' Salamander.' else '' end, ${at} + m * interval '1 second'
      from ${to(rows.conversations)}, generate_series(1, ${MESSAGES}) m`,
    `insert into document (org_id, id, collection_id, source_path, title, live_version_id, latest_version_id, created_at)
      select '${orgId}', ${id('document')}, '${collectionId}', 'archive/' || i % 50 || '/minutes ' || i || '.md', 'Minutes ' || i,
        ${id('version')}, ${id('version')}, ${at} from ${to(rows.documents)}`,
    `insert into document_version (org_id, id, document_id, collection_id, state, progress, content_hash, size_bytes, media_type, language, created_at)
      select '${orgId}', ${id('version')}, ${id('document')}, '${collectionId}', case when i % 200 = 0 then 'failed' else 'searchable' end, 100,
        md5(i::text), 1000, case when i % 100 = 0 then 'application/pdf' else 'text/markdown' end, 'english', ${at} from ${to(rows.documents)}`,
    `insert into auth."user" (id, name, email) select ${id('user')}, 'Person ' || i, 'person-' || i || '@heavy.example' from ${to(rows.members)}`,
    `insert into auth.member (organization_id, user_id) select '${orgId}', ${id('user')} from ${to(rows.members)}`,
    `insert into auth.session (user_id, token, active_organization_id, expires_at, updated_at)
      select ${id('user')}, ${id('session')}::text, '${orgId}', now() + interval '1 day', ${at} from ${to(rows.members)}`,
    `insert into auth.apikey (config_id, name, reference_id, key, metadata)
      select 'organisation', 'Key ' || i, '${orgId}', ${id('key')}::text,
        json_build_object('role', 'member', 'madeBy', json_build_object('kind', 'user', 'id', '${user}'))::text from ${to(rows.keys)}`,
    `insert into auth.invitation (organization_id, email, role, inviter_id, status, expires_at)
      select '${orgId}', 'invited-' || i || '@heavy.example', 'member', '${user}', 'accepted', ${at} from ${to(rows.invitations)}`,
    `insert into audit_event (org_id, id, actor_kind, actor_id, action, subject_kind, subject_id, created_at)
      select '${orgId}', gen_random_uuid(), 'user', '${user}', case when i % 100 = 0 then 'key.create' else 'document.upload' end,
        'document', ${id('document')}::text, ${at} from ${to(rows.events)}`,
  ])
    await owner.unsafe(statement)
  for (const other of others.slice(0, OTHERS.organisations)) await addOther(owner, other, scale)
  await owner.unsafe(`set session_replication_role = origin`)
  const found = await owner.unsafe(
    `select id::text as id from conversation where org_id = '${orgId}' and owner_id = '${user}' order by id limit 50`,
  )
  return {
    orgId,
    owner: { kind: 'user', id: people[0].userId, orgId, role: 'owner' },
    member: { kind: 'user', id: user, orgId, role: 'member' },
    collectionId,
    conversationIds: found.map(({ id: one }) => one),
    words: { frequent: 'öfen', rare: 'salamander', none: 'zeppelin' },
    rows,
  }
}

const addOther = async (owner, { orgId, people, collections }, scale) => {
  const user = people[0].userId
  const id = (kind) => `overlay(overlay(md5('${orgId} ${kind} ' || i) placing '4' from 13) placing '8' from 17)::uuid`
  const to = (count) => `generate_series(1, ${Math.ceil(count * scale)}) as i`
  const at = `now() - i * interval '1 minute'`
  for (const statement of [
    `insert into conversation (org_id, id, owner_id, title, created_at, updated_at)
      select '${orgId}', ${id('conversation')}, '${user}', 'Question ' || i, ${at}, ${at} from ${to(OTHERS.conversations)}`,
    `insert into message (org_id, id, conversation_id, owner_id, role, state, text, created_at)
      select '${orgId}', gen_random_uuid(), ${id('conversation')}, '${user}', 'user', 'complete', 'Question ' || i, ${at}
      from ${to(OTHERS.conversations)}, generate_series(1, ${MESSAGES}) m`,
    `insert into document (org_id, id, collection_id, source_path, title, live_version_id, latest_version_id, created_at)
      select '${orgId}', ${id('document')}, '${collections[0].id}', 'archive/minutes ' || i || '.md', 'Minutes ' || i,
        ${id('version')}, ${id('version')}, ${at} from ${to(OTHERS.documents)}`,
    `insert into document_version (org_id, id, document_id, collection_id, state, progress, size_bytes, media_type, language, created_at)
      select '${orgId}', ${id('version')}, ${id('document')}, '${collections[0].id}', 'searchable', 100, 1000, 'text/markdown', 'english', ${at}
      from ${to(OTHERS.documents)}`,
    `insert into audit_event (org_id, id, actor_kind, actor_id, action, subject_kind, subject_id, created_at)
      select '${orgId}', gen_random_uuid(), 'user', '${user}', 'document.upload', 'document', ${id('document')}::text, ${at} from ${to(OTHERS.documents)}`,
  ])
    await owner.unsafe(statement)
}
