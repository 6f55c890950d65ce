import { createCollection, createConversation, createDocument } from '@quarry/db/testing'
import { callerOf, type World } from './world.ts'

/**
 * Adds `count` of everything that a list shows or that belongs to what is shown: collections with grants, documents,
 * conversations, answers in the world's own conversation with sources, steps and opinions, people with sessions, keys
 * and invitations, each by somebody else, and what the log tells of them.
 */
export const fillWorld = async (world: World, count: number): Promise<void> => {
  const { database, tenant, collectionId, document, conversation } = world
  const member = callerOf(tenant.member)
  for (let i = 0; i < count; i++) {
    await createCollection(tenant, i % 2 === 0 ? {} : { visibility: 'restricted' })
    await createDocument(tenant, collectionId, { pages: ['The canary sings loud.'] })
    await createConversation(tenant, member, document)
  }
  for (const statement of ROWS)
    await database.owner.unsafe(statement, [
      tenant.orgId,
      count,
      member.id,
      conversation.conversationId,
      document.documentId,
      document.versionId,
    ])
}

/** Names the parameters in one order, so that each statement may leave some out. */
const given = `with given as (select $1::uuid as org, $2::int as n, $3::uuid as member, $4::uuid as conversation,
  $5::uuid as document, $6::uuid as version)`
/** Ids that can be found again by kind and number, of version 4 like any that is random. */
const id = (kind: string, number = 'i') =>
  `overlay(overlay(md5(given.org || '${kind}' || ${number}) placing '4' from 13) placing '8' from 17)::uuid`
const each = `given, generate_series(1, given.n) as i`

const ROWS = [
  `${given} insert into auth."user" (id, name, email) select ${id('user')}, 'Person ' || i, ${id('user')} || '@quarry.test' from ${each}`,
  `${given} insert into auth.member (organization_id, user_id) select given.org, ${id('user')} from ${each}`,
  `${given} insert into auth.session (user_id, token, active_organization_id, expires_at, updated_at)
    select ${id('user')}, ${id('session')}::text, given.org::text, now() + interval '1 hour', now() from ${each}`,
  `${given} insert into auth.apikey (id, config_id, name, reference_id, key, metadata)
    select ${id('key')}, 'organisation', 'Key ' || i, given.org::text, ${id('key')}::text,
      json_build_object('role', 'member', 'madeBy', json_build_object('kind', 'user', 'id', ${id('user')}))::text from ${each}`,
  `${given} insert into auth.invitation (organization_id, email, role, inviter_id, expires_at)
    select given.org, ${id('invitation')} || '@quarry.test', 'member', ${id('user')}, now() + interval '1 day' from ${each}`,
  `${given} insert into collection_grant (org_id, collection_id, grantee_kind, grantee_id, granted_by)
    select given.org, c.id, 'user', ${id('user')}, ${id('user')} from given, generate_series(1, given.n) as i,
      collection c where c.org_id = given.org and (c.visibility = 'restricted' or i % 3 = 0)`,
  `${given} insert into message (org_id, id, conversation_id, owner_id, role, state, text)
    select given.org, ${id('answer')}, given.conversation, given.member, 'assistant', 'complete', 'The canary.[^1]' from ${each}`,
  `${given} insert into citation (org_id, id, message_id, owner_id, marker, document_id, version_id, document, title, ordinal, span_start, span_end, quote, quote_hash, verified)
    select given.org, ${id('citation')}, ${id('answer')}, given.member, 1, given.document, given.version, 'a.md', 'a', 1, 0, 10, 'The canary', '', true from ${each}`,
  `${given} insert into feedback (org_id, message_id, owner_id, rating) select given.org, ${id('answer')}, given.member, 'up' from ${each}`,
  `${given} insert into run (org_id, id, conversation_id, message_id, owner_id, state, scope)
    select given.org, ${id('run')}, given.conversation, ${id('answer')}, given.member, 'complete', '{"collectionIds":null,"documentIds":null}' from ${each}`,
  `${given} insert into run_part (org_id, run_id, ordinal, owner_id, attempt, last_event_id, body)
    select given.org, ${id('run')}, 1, given.member, 1, 1, '{"type":"text","delta":"The canary.[^1]"}' from ${each}`,
  `${given} insert into audit_event (org_id, id, actor_kind, actor_id, action, subject_kind, subject_id)
    select given.org, ${id('event', 'kind || i')}, 'user', ${id('user')}, 'document.upload', kind, subject from ${each},
      lateral (values ('user', ${id('user')}::text), ('api_key', ${id('key')}::text), ('organisation', given.org::text),
        ('document', given.document::text),
        ('collection', (select c.id::text from collection c where c.org_id = given.org order by c.id offset i limit 1))) s (kind, subject)
    where subject is not null`,
  `${given} insert into job_run (org_id, id, kind, subject_id, state, error_class, finished_at)
    select given.org, ${id('job')}, 'document.process', given.version, case when i % 2 = 0 then 'waiting' else 'failed' end,
      case when i % 2 = 1 then 'filled' end, case when i % 2 = 1 then now() end from ${each}`,
]
