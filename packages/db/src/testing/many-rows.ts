import { BUILT_IN_EMBEDDING } from '@quarry/config'
import type { TestDatabase } from './test-database.ts'
import type { TestTenant } from './tenant-factory.ts'

/** More than the 10,000 rows from which on no tenant table may be read from end to end. */
export const MANY_ROWS = 12_000

/**
 * Fills every table with more than `MANY_ROWS` rows of 20 organisations of uneven size, the largest of which is
 * `largest`, and 2,000 small ones, by one INSERT per table; then ANALYZE. A few seconds. Of the largest organisation's
 * conversations half are the member's. Rows are as long as it takes for indexes to pay; nothing in them makes sense.
 */
export const insertManyRows = async (
  { owner }: Pick<TestDatabase, 'owner'>,
  largest: Pick<TestTenant, 'orgId' | 'member'>,
): Promise<void> => {
  const setting = async (name: string, value: string) => owner.unsafe(`select set_config($1, $2, false)`, [name, value])
  await setting('many.org', largest.orgId)
  await setting('many.member', largest.member.id ?? '')
  // Neither keys nor triggers are looked at: rows by the hundred thousand take seconds.
  await setting('session_replication_role', 'replica')
  for (const statement of [...PREPARE, ...ROWS]) await owner.unsafe(statement)
  await setting('session_replication_role', 'origin')
  await owner.unsafe('analyze')
}

const SMALL = 2_000

/** The same text gives the same id: rows find each other without a look-up. Version 4, as any that is random. */
const idOf = (text: string) => `pg_temp.an_id(${text})`
/** The organisation of row `i`: 0 (22 % of all rows) to 19 (2.5 %). */
const org = 'o.id'
const rows = (count = MANY_ROWS) =>
  `generate_series(1, ${count}) as i join many_org o on o.n = floor(20 * power((i * 0.6180339887) % 1, 2))::int`
const owner = `case when o.n = 0 and i % 2 = 0 then current_setting('many.member')::uuid else ${idOf(`'user' || i % ${MANY_ROWS}`)} end`
/** One of ten collections of the organisation. */
const collection = idOf(`'collection' || o.n || ':' || i % 10`)
const past = (unit = 'minute') => `now() - i * interval '1 ${unit}'`
const words = (count: number) => `repeat(md5(i::text) || ' quarry ', ${count})`

const PREPARE = [
  `create function pg_temp.an_id(t text) returns uuid immutable language sql as
    $$ select overlay(overlay(md5(t) placing '4' from 13) placing '8' from 17)::uuid $$`,
  `create temp table many_org as
    select n, case n when 0 then current_setting('many.org')::uuid else ${idOf(`'org' || n`)} end as id
    from generate_series(0, ${20 + SMALL - 1}) as n`,
  `analyze many_org`,
]

const ROWS = [
  `insert into auth.organization (id, name, slug) select id, 'Organisation ' || n, id::text from many_org where n > 0`,
  `insert into auth.organization (id, name, slug) select ${idOf(`'empty' || i`)}, 'Empty ' || i, 'empty' || i from generate_series(1, ${MANY_ROWS}) i`,
  `insert into auth."user" (id, name, email) select ${idOf(`'user' || i`)}, 'Person ' || i, 'person-' || i || '@many.test' from generate_series(0, ${MANY_ROWS}) i`,
  // As many in each of the twenty: no organisation has more than 2,000.
  `insert into auth.member (organization_id, user_id, role, created_at)
    select ${org}, ${idOf(`'user' || i`)}, case when i % 20 = 0 then 'admin' else 'member' end, ${past()}
    from generate_series(1, ${MANY_ROWS}) as i join many_org o on o.n = i / 20 % 20`,
  `insert into auth.session (user_id, token, active_organization_id, expires_at, updated_at)
    select ${idOf(`'user' || i`)}, 'token' || i, ${org}::text, now() + interval '1 day', ${past()}
    from generate_series(1, ${MANY_ROWS}) as i join many_org o on o.n = i / 20 % 20`,
  `insert into auth.account (user_id, account_id, provider_id) select ${idOf(`'user' || i`)}, i::text, 'credential' from generate_series(1, ${MANY_ROWS}) i`,
  `insert into auth.verification (identifier, value, expires_at) select 'v' || i, '', now() + i * interval '1 minute' from generate_series(1, ${MANY_ROWS}) i`,
  `insert into auth.invitation (organization_id, email, role, status, expires_at, created_at, inviter_id, token_hash)
    select ${org}, 'invited-' || i || '@many.test', 'member', case when i % 50 = 0 then 'pending' else 'accepted' end,
      now() + interval '1 day', ${past()}, ${idOf(`'user' || i`)}, 'hash' || i from ${rows()}`,
  // A few keys each, as organisations have them.
  `insert into auth.apikey (id, config_id, name, reference_id, key, created_at, metadata)
    select ${idOf(`'key' || o.n || ':' || k`)}, 'organisation', 'Key ' || k, ${org}::text, 'key' || o.n || ':' || k, now() - k * interval '1 hour',
      json_build_object('role', 'member', 'madeBy', json_build_object('kind', 'user', 'id', ${idOf(`'user' || k`)}))::text
    from many_org o, generate_series(1, 7) k`,
  `insert into collection (org_id, id, name, visibility)
    select ${org}, ${idOf(`'collection' || o.n || ':' || k`)}, 'Collection ' || k, case when k % 3 = 0 then 'restricted' else 'organisation' end
    from many_org o, generate_series(0, case when o.n < 20 then 9 else 5 end) k`,
  `insert into collection_grant (org_id, collection_id, grantee_kind, grantee_id, granted_by)
    select ${org}, ${idOf(`'collection' || o.n || ':' || k`)}, 'user', ${idOf(`'user' || o.n || k || g`)}, ${idOf(`'user' || k`)}
    from many_org o, generate_series(0, 3, 3) k, generate_series(1, 3) g`,
  `insert into collection_stat (org_id, collection_id, language, chunks, length)
    select ${org}, ${idOf(`'collection' || o.n || ':' || k`)}, 'english', 200, 20000
    from many_org o, generate_series(0, case when o.n < 20 then 9 else 5 end) k`,
  `insert into document (org_id, id, collection_id, source_path, title, live_version_id, latest_version_id, created_at)
    select ${org}, ${idOf(`'document' || i`)}, ${collection}, 'folder ' || i % 100 || '/report ' || i || '.md', 'Report ' || i,
      ${idOf(`'version' || i`)}, ${idOf(`'version' || i`)}, ${past()} from ${rows()}`,
  `insert into document_version (org_id, id, document_id, collection_id, state, stage, progress, content_hash, blob_key, size_bytes, media_type, section_count, chunk_count, language, semantic_model, semantic, created_at, updated_at)
    select ${org}, ${idOf(`'version' || i`)}, ${idOf(`'document' || i`)}, ${collection},
      case when i % 50 = 1 then 'failed' when i % 1000 = 2 then 'uploading' when i % 1000 = 3 then 'uploaded' else 'searchable' end,
      null, 100, md5(i::text), ${org} || '/' || md5(i::text), 1000, case when i % 40 = 0 then 'application/pdf' else 'text/markdown' end,
      2, 2, 'english', case when i % 3000 = 4 then null else '${BUILT_IN_EMBEDDING.id}' end, 100, ${past()}, ${past()} from ${rows()}`,
  `insert into document_page (org_id, version_id, ordinal, collection_id, text)
    select ${org}, ${idOf(`'version' || i`)}, page, ${collection}, ${words(20)} from ${rows()}, generate_series(1, 2) page`,
  `insert into chunk (org_id, version_id, ordinal, document_id, collection_id, heading_path, page_from, page_to, span_start, span_end, token_count, language)
    select ${org}, ${idOf(`'version' || i`)}, page, ${idOf(`'document' || i`)}, ${collection}, '{}', page, page, 0, 400, 20, 'english'
    from ${rows()}, generate_series(1, 2) page`,
  `insert into posting (org_id, lexeme, version_id, ordinal, collection_id, tf, length)
    select ${org}, 'word' || (i * 7 + w * 131) % 3000, ${idOf(`'version' || i`)}, page, ${collection}, 1, 20
    from ${rows()}, generate_series(1, 2) page, generate_series(1, 4) w on conflict do nothing`,
  `insert into chunk_embedding (org_id, model, version_id, ordinal, window_ordinal, collection_id, text_hash, embedding)
    select ${org}, 'many', ${idOf(`'version' || i`)}, page, 0, ${collection}, md5(i || ':' || page),
      ('[' || (i % 7) / 7.0 || ',' || (i % 11) / 11.0 || ',' || (i % 13) / 13.0 || ',' || page || ']')::halfvec
    from ${rows()}, generate_series(1, 2) page`,
  `insert into conversation (org_id, id, owner_id, title, created_at, updated_at, deleted_at)
    select ${org}, ${idOf(`'conversation' || i`)}, ${owner}, 'Question ' || i, ${past()}, ${past()},
      case when i % 100 = 0 then now() - interval '1 second' end from ${rows()}`,
  `insert into message (org_id, id, conversation_id, owner_id, role, state, text, created_at)
    select ${org}, ${idOf(`'message' || i || ':' || m`)}, ${idOf(`'conversation' || i`)}, ${owner},
      case m when 1 then 'user' else 'assistant' end, 'complete', ${words(10)}, ${past()} from ${rows()}, generate_series(1, 2) m`,
  `insert into citation (org_id, id, message_id, owner_id, marker, document_id, version_id, document, title, ordinal, span_start, span_end, quote, quote_hash, verified)
    select ${org}, ${idOf(`'citation' || i`)}, ${idOf(`'message' || i || ':2'`)}, ${owner}, 1, ${idOf(`'document' || i`)}, ${idOf(`'version' || i`)},
      'report.md', 'Report', 1, 0, 10, 'ten letter', md5(i::text), true from ${rows()}`,
  `insert into run (org_id, id, conversation_id, message_id, owner_id, state, scope, heartbeat_at, created_at, ended_at)
    select ${org}, ${idOf(`'run' || i`)}, ${idOf(`'conversation' || i`)}, ${idOf(`'message' || i || ':2'`)}, ${owner},
      case when i % 4000 = 0 then 'running' else 'complete' end, '{"collectionIds":null,"documentIds":null}', now(), ${past()}, now() from ${rows()}`,
  `insert into run_part (org_id, run_id, ordinal, owner_id, attempt, last_event_id, body)
    select ${org}, ${idOf(`'run' || i`)}, 1, ${owner}, 1, 1, '{"type":"text","delta":"ten letter"}' from ${rows()}`,
  `insert into feedback (org_id, message_id, owner_id, rating) select ${org}, ${idOf(`'message' || i || ':2'`)}, ${owner}, 'up' from ${rows()}`,
  `insert into audit_event (org_id, id, actor_kind, actor_id, action, subject_kind, subject_id, created_at)
    select ${org}, ${idOf(`'event' || i`)}, 'user', ${idOf(`'user' || i % 500`)},
      (array['document.upload', 'document.delete', 'session.create', 'invitation.create', 'key.create'])[1 + i % 5], 'document',
      ${idOf(`'document' || i`)}::text, ${past()} from ${rows()}`,
  `insert into signal (org_id, topic, subject_id, created_at) select ${org}, 'document', ${idOf(`'document' || i`)}, now() - (${MANY_ROWS} - i) * interval '100 milliseconds' from ${rows()} order by i`,
  `insert into job_run (org_id, id, kind, subject_id, state, attempt, worker, error_class, created_at, started_at, finished_at)
    select ${org}, ${idOf(`'job' || i`)}, case when i % 2 = 0 then 'document.embed' else 'document.process' end, ${idOf(`'version' || i`)},
      case when i % 3000 = 0 then 'running' when i % 1000 = 1 then 'waiting' when i % 50 = 1 then 'failed' else 'succeeded' end, 1,
      'pool ' || i % 40, case when i % 50 = 1 and i % 1000 > 1 then 'crashed' end, ${past()}, ${past()},
      case when i % 3000 = 0 or i % 1000 = 1 then null else ${past()} end from ${rows()}`,
  `insert into job_attempt (org_id, job_run_id, attempt, worker, state, created_at, finished_at)
    select ${org}, ${idOf(`'job' || i`)}, 1, 'pool ' || i % 40, case when i % 3000 = 0 then 'running' else 'succeeded' end, ${past()}, ${past()} from ${rows()}`,
  `insert into usage_event (org_id, id, kind, owner_id, model, input_tokens, output_tokens, created_at)
    select ${org}, ${idOf(`'usage' || i`)}, 'answer', ${owner}, 'many', 10, 1, ${past()} from ${rows()}`,
  `insert into usage_day (org_id, day, kind, model, events, input_tokens, output_tokens)
    select ${org}, current_date - i, 'answer', 'model ' || i % 3, 1, 10, 1 from ${rows()}`,
  `insert into idempotency_key (org_id, actor_id, key, request_hash, response, created_at)
    select ${org}, ${idOf(`'user' || i`)}, 'key ' || i, 'hash', '{}', now() - i * interval '15 seconds' from ${rows()}`,
  `insert into cache_version (subject_id, tag, version) select ${idOf(`'user' || i`)}, 'access', i from generate_series(1, ${MANY_ROWS}) i`,
  `insert into cache_outbox (subject_id, tag, version, created_at) select ${idOf(`'user' || i`)}, 'access', i, now() - i * interval '10 milliseconds' from generate_series(1, ${MANY_ROWS}) i`,
  // Of four processes, twice a minute for a day and an hour: those of the hour are kept no longer.
  `insert into process_report (process, kind, index, host, build, started_at, at, figures)
    select 'process ' || i % 4, 'web', i % 4, 'many', '', now() - interval '3 days', now() - (i / 4) * interval '30 seconds',
      json_build_object('requests', ${MANY_ROWS} - i) from generate_series(1, ${MANY_ROWS}) i`,
]
