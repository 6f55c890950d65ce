import { newId } from '../ids.ts'
import type { TestDocument } from './document-factory.ts'
import type { TestTenant } from './tenant-factory.ts'

/** What a row of the table below is tried on. */
export interface TouchScene {
  readonly tenant: TestTenant
  readonly collectionId: string
  readonly document: TestDocument
  readonly sessionId: string
}

/** A statement, by a superuser, and the versions that it grows: `<subject> <tag>`, the subject a property of the tenant. */
interface Change {
  readonly does: string
  readonly sql: (scene: TouchScene) => string
  readonly grows: readonly string[]
}

const ALL_OF_A_COLLECTION = ['organisation permission', 'organisation documents', 'organisation index']
const EVERYBODY = ['owner access', 'admin access', 'member access', 'viewer access', 'apiKey access']

/**
 * Every table of the product with what its changes do to the versions of cached reads, or why nothing that is cached
 * reads it. Said here once more, independently of the triggers; a test compares both, and the names with the catalogue.
 */
export const TOUCHES: Readonly<Record<string, readonly Change[] | string>> = {
  'auth.user': [
    change('a name', ({ tenant }) => `update auth."user" set name = 'New' where id = '${tenant.viewer.id}'`, [
      'organisation permission',
      'viewer access',
    ]),
    change(
      'nothing that is shown',
      ({ tenant }) => `update auth."user" set image = 'x' where id = '${tenant.viewer.id}'`,
    ),
  ],
  'auth.session': [
    change('prolonging', (s) => `update auth.session set expires_at = now() where id = '${s.sessionId}'`, [
      'member access',
    ]),
    change(
      'working elsewhere',
      (s) => `update auth.session set active_organization_id = null where id = '${s.sessionId}'`,
      ['member access'],
    ),
    change('an address', (s) => `update auth.session set ip_address = '::1' where id = '${s.sessionId}'`),
    change('signing out', (s) => `delete from auth.session where id = '${s.sessionId}'`, ['member access']),
  ],
  'auth.organization': [
    change('a name', ({ tenant }) => `update auth.organization set name = 'New' where id = '${tenant.orgId}'`, [
      'organisation permission',
      ...EVERYBODY,
    ]),
    change('a logo', ({ tenant }) => `update auth.organization set logo = 'x' where id = '${tenant.orgId}'`),
    change(
      'closing it',
      ({ tenant }) =>
        `update auth.organization set closed_at = now(), delete_at = now() + interval '1 hour' where id = '${tenant.orgId}'`,
      ['organisation permission', ...EVERYBODY],
    ),
    change(
      'another moment of its end',
      ({ tenant }) => `update auth.organization set delete_at = now() where id = '${tenant.orgId}'`,
    ),
    change(
      'opening it again',
      ({ tenant }) => `update auth.organization set closed_at = null, delete_at = null where id = '${tenant.orgId}'`,
      ['organisation permission', ...EVERYBODY],
    ),
  ],
  'auth.member': [
    change('a role', ({ tenant }) => `update auth.member set role = 'admin' where user_id = '${tenant.viewer.id}'`, [
      'organisation permission',
      'viewer access',
    ]),
    change('leaving', ({ tenant }) => `delete from auth.member where user_id = '${tenant.admin.id}'`, [
      'organisation permission',
      'admin access',
    ]),
    change(
      'coming back',
      ({ tenant }) =>
        `insert into auth.member (organization_id, user_id, role) values ('${tenant.orgId}', '${tenant.admin.id}', 'admin')`,
      ['organisation permission', 'admin access'],
    ),
  ],
  'auth.apikey': [
    change(
      'a use',
      ({ tenant }) =>
        `update auth.apikey set last_request = now(), updated_at = now() where id = '${tenant.apiKey.id}'`,
    ),
    change('switching off', ({ tenant }) => `update auth.apikey set enabled = false where id = '${tenant.apiKey.id}'`, [
      'organisation permission',
      'apiKey access',
    ]),
    change('a role', ({ tenant }) => `update auth.apikey set metadata = '{}' where id = '${tenant.apiKey.id}'`, [
      'organisation permission',
      'apiKey access',
    ]),
    change('an end', ({ tenant }) => `delete from auth.apikey where id = '${tenant.apiKey.id}'`, [
      'organisation permission',
      'apiKey access',
    ]),
  ],
  'auth.account': 'passwords: no read shows one',
  'auth.verification': 'tokens of better-auth: no read shows one',
  'auth.invitation': 'invitations are not cached; joining writes a member',
  'public.collection': [
    change(
      'one more',
      ({ tenant }) =>
        `insert into collection (org_id, id, name) values ('${tenant.orgId}', '${newId()}', '${newId()}')`,
      ALL_OF_A_COLLECTION,
    ),
    change(
      'a name',
      (s) => `update collection set name = '${newId()}' where id = '${s.collectionId}'`,
      ALL_OF_A_COLLECTION,
    ),
    change(
      'closing',
      (s) => `update collection set visibility = 'restricted' where id = '${s.collectionId}'`,
      ALL_OF_A_COLLECTION,
    ),
    change(
      'what is found',
      (s) => `update collection set index_version = index_version + 1 where id = '${s.collectionId}'`,
      ['organisation index'],
    ),
    change(
      'one less',
      ({ tenant, collectionId }) =>
        `delete from collection where org_id = '${tenant.orgId}' and id <> '${collectionId}'`,
      ALL_OF_A_COLLECTION,
    ),
  ],
  'public.collection_grant': [
    change(
      'a grant',
      ({ tenant, collectionId }) =>
        `insert into collection_grant (org_id, collection_id, grantee_kind, grantee_id)
         values ('${tenant.orgId}', '${collectionId}', 'user', '${tenant.viewer.id}')`,
      ['organisation permission'],
    ),
    change('its end', ({ tenant }) => `delete from collection_grant where org_id = '${tenant.orgId}'`, [
      'organisation permission',
    ]),
  ],
  'public.collection_stat': 'written with the index version of its collection',
  'public.document': [
    change(
      'one more',
      ({ tenant, collectionId }) =>
        `insert into document (org_id, id, collection_id, source_path, title)
         values ('${tenant.orgId}', '${newId()}', '${collectionId}', 'other.md', 'Other')`,
      ['organisation documents', 'organisation index'],
    ),
    change('a title', (s) => `update document set title = 'New' where id = '${s.document.documentId}'`, [
      'organisation documents',
      'organisation index',
    ]),
    change(
      'one less',
      ({ tenant }) => `delete from document where org_id = '${tenant.orgId}' and source_path = 'other.md'`,
      ['organisation documents', 'organisation index'],
    ),
  ],
  'public.document_version': [
    change(
      'one more',
      ({ tenant, collectionId, document }) =>
        `insert into document_version (org_id, id, document_id, collection_id, size_bytes)
         values ('${tenant.orgId}', '${newId()}', '${document.documentId}', '${collectionId}', 1)`,
      ['organisation documents'],
    ),
    change('progress', (s) => `update document_version set progress = 50 where id = '${s.document.versionId}'`, [
      'organisation documents',
    ]),
    change('vectors', (s) => `update document_version set semantic = 50 where id = '${s.document.versionId}'`, [
      'organisation documents',
      'organisation index',
    ]),
    change(
      'vectors, as many percent as before',
      (s) => `update document_version set semantic = semantic where id = '${s.document.versionId}'`,
      ['organisation documents', 'organisation index'],
    ),
    change('one less', (s) => `delete from document_version where id <> '${s.document.versionId}'`, [
      'organisation documents',
    ]),
  ],
  'public.document_page': 'of a version that is not live yet, or goes with it; pages are not cached',
  'public.chunk': 'of a version that is not live yet: publishing it writes the document',
  'public.posting': 'of a version that is not live yet: publishing it writes the document',
  'public.chunk_embedding': 'written with the percentage of its version',
  'public.conversation': "a caller's own and always read anew",
  'public.message': "a caller's own and always read anew",
  'public.citation': "a caller's own and always read anew",
  'public.feedback': "a caller's own and always read anew",
  'public.run': "a caller's own and always read anew",
  'public.run_part': "a caller's own and always read anew",
  'public.audit_event': 'the audit is not cached',
  'public.idempotency_key': 'no read shows one',
  'public.job_run': 'jobs are always read anew',
  'public.job_attempt': 'jobs are always read anew',
  'public.job_pause': 'no read of an organisation shows one',
  'public.cron_run': 'no read of an organisation shows one',
  'public.usage_event': 'usage is always read anew',
  'public.usage_day': 'usage is always read anew',
  'public.operator_event': 'no read of an organisation shows one',
  'public.installation_owner': [
    change('one more', ({ tenant }) => `insert into installation_owner (user_id) values ('${tenant.viewer.id}')`, [
      'viewer access',
    ]),
    change('one less', ({ tenant }) => `delete from installation_owner where user_id = '${tenant.viewer.id}'`, [
      'viewer access',
    ]),
  ],
  'public.signal': 'tells of changes that are counted where they are made',
  'public.worker_heartbeat': 'no read of an organisation shows one',
  'public.process_lease': 'no read of an organisation shows one',
  'public.process_report': 'no read of an organisation shows one',
  'public.feature_flag': 'polled, and part of the question where it changes an answer',
  'public.organisation_limit': 'polled; no cached read shows one',
  'public.organisation_deletion': 'of organisations that nobody gets into any more',
  'public.cache_version': 'are the versions',
  'public.cache_outbox': 'tells of the versions',
}

function change(does: string, sql: Change['sql'], grows: readonly string[] = []): Change {
  return { does, sql, grows }
}
