import type { Actor } from '@quarry/contracts'
import { createCollection } from '@quarry/core/web'
import { randomUUID } from 'node:crypto'
import type { ApiMeta } from '../index.ts'
import { JOB_ROWS } from './matrix-jobs.ts'
import { CANARY, type World } from './world.ts'

interface Input {
  /** What the owner of the ids would send. */
  readonly input: object
  /** The ids in it that belong to the world. */
  readonly ids: readonly string[]
  /** Found in what the owner gets. */
  readonly shows?: string
  /** The ids are of a conversation of the member's: nobody else's, in the same organisation neither. */
  readonly private?: boolean
  /** The secret in it opens by itself: whoever holds it is who is meant. */
  readonly bearer?: boolean
  /** For a stream without an end: what happens in a world while it is open. */
  readonly meanwhile?: (world: World) => Promise<unknown>
}

export interface MatrixRow {
  /** What the procedure is meant to need. Said here once more, so that loosening the router alone turns the test red. */
  readonly can: NonNullable<ApiMeta['can']>
  /** One input for each way in which the procedure looks something up. */
  readonly inputs: (world: World) => Input[]
  /** Called as the member, who owns the conversation. */
  readonly ownedByMember?: boolean
  /** Who calls, where that is neither the owner nor the member. */
  readonly by?: (world: World) => Actor
  /** What it reads and changes is where the caller belongs: nothing that a collection could close. */
  readonly ofTheCaller?: boolean
}

const none = { input: {}, ids: [] }

export const MATRIX: Record<string, MatrixRow> = {
  'session.closedWorkspaces': {
    can: 'person',
    ofTheCaller: true,
    inputs: (w) => [{ ...none, shows: w.tenant.orgId }],
  },
  'session.me': { can: 'signedIn', inputs: (w) => [{ ...none, shows: w.tenant.orgId }] },

  'collections.list': { can: 'collections.read', inputs: (w) => [{ ...none, shows: w.collectionId }] },
  'collections.create': {
    can: 'collections.manage',
    inputs: () => [{ input: { name: `${CANARY} ${randomUUID()}` }, ids: [], shows: CANARY }],
  },
  'collections.delete': {
    can: 'collections.manage',
    inputs: (w) => [{ input: { id: w.collectionId }, ids: [w.collectionId], shows: w.collectionId }],
  },

  'collections.update': {
    can: 'collections.manage',
    inputs: (w) => [
      { input: { id: w.collectionId, visibility: 'restricted' }, ids: [w.collectionId], shows: w.collectionId },
      { input: { id: w.collectionId, name: `${CANARY} ${randomUUID()}` }, ids: [w.collectionId], shows: CANARY },
    ],
  },
  'collections.access': {
    can: 'collections.manage',
    inputs: (w) => [{ input: { id: w.collectionId }, ids: [w.collectionId], shows: '"role"' }],
  },
  'collections.grant': { can: 'collections.manage', inputs: grants },
  'collections.revokeGrant': { can: 'collections.manage', inputs: grants },

  'documents.list': {
    can: 'documents.read',
    inputs: (w) => [
      { input: {}, ids: [], shows: w.document.path },
      { input: { collectionId: w.collectionId }, ids: [w.collectionId], shows: w.document.path },
      { input: { state: 'failed' }, ids: [], shows: w.failed.documentId },
      { input: { mediaType: 'text/markdown' }, ids: [], shows: w.document.path },
      { input: { query: CANARY }, ids: [], shows: w.document.path },
    ],
  },
  'documents.get': {
    can: 'documents.read',
    inputs: (w) => [{ input: { id: w.document.documentId }, ids: [w.document.documentId], shows: w.document.path }],
  },
  'documents.places': {
    can: 'documents.read',
    inputs: (w) => [
      { input: { ids: [w.failed.documentId] }, ids: [w.failed.documentId], shows: w.jobs.failed },
      { input: { ids: [w.document.documentId] }, ids: [w.document.documentId], shows: w.document.documentId },
    ],
  },
  'documents.createMany': {
    can: 'documents.write',
    inputs: (w) => [
      {
        input: { collectionId: w.collectionId, files: [{ path: `new-${randomUUID()}.md`, sizeBytes: 5 }] },
        ids: [w.collectionId],
        shows: 'ticket',
      },
    ],
  },
  'documents.complete': {
    can: 'documents.write',
    inputs: (w) => [{ input: { ticket: w.upload.ticket }, ids: [w.upload.ticket], shows: '"accepted"' }],
  },
  'documents.retry': {
    can: 'documents.write',
    inputs: (w) => [{ input: { id: w.failed.documentId }, ids: [w.failed.documentId], shows: '"uploaded"' }],
  },
  'documents.delete': {
    can: 'documents.write',
    inputs: (w) => [
      { input: { id: w.document.documentId }, ids: [w.document.documentId], shows: w.document.documentId },
    ],
  },
  'documents.version': {
    can: 'documents.read',
    inputs: (w) => [
      { input: { versionId: w.document.versionId }, ids: [w.document.versionId], shows: w.document.path },
    ],
  },
  'documents.page': {
    can: 'documents.read',
    inputs: (w) => [
      { input: { versionId: w.document.versionId, ordinal: 1 }, ids: [w.document.versionId], shows: 'sings' },
    ],
  },

  'search.query': {
    can: 'search.use',
    inputs: (w) => [
      { input: { query: 'loud' }, ids: [], shows: w.document.documentId },
      { input: { query: 'loud', collectionIds: [w.collectionId] }, ids: [w.collectionId], shows: w.document.path },
      {
        input: { query: 'loud', documentIds: [w.document.documentId] },
        ids: [w.document.documentId],
        shows: w.document.path,
      },
    ],
  },
  'search.facets': {
    can: 'search.use',
    // A foreign row would add to the counts: the world has one searchable document that everybody may see.
    inputs: () => [{ ...none, shows: '"documents":1' }],
  },

  'conversations.list': {
    can: 'chat.use',
    inputs: (w) => [
      { ...none, shows: w.conversation.conversationId },
      { input: { query: 'who sings' }, ids: [], shows: '"match":"Who sings?"' },
      { input: { collectionId: w.collectionId }, ids: [w.collectionId], shows: w.conversation.conversationId },
    ],
    ownedByMember: true,
  },
  'conversations.get': {
    can: 'chat.use',
    inputs: (w) => [
      {
        input: { id: w.conversation.conversationId },
        ids: [w.conversation.conversationId],
        shows: 'The canary',
        private: true,
      },
    ],
    ownedByMember: true,
  },
  'conversations.rename': {
    can: 'chat.use',
    inputs: (w) => [
      {
        input: { id: w.conversation.conversationId, title: 'Songs' },
        ids: [w.conversation.conversationId],
        shows: '"Songs"',
        private: true,
      },
    ],
    ownedByMember: true,
  },
  'conversations.restore': {
    can: 'chat.use',
    inputs: (w) => [
      {
        input: { id: w.conversation.conversationId },
        ids: [w.conversation.conversationId],
        shows: 'A question',
        private: true,
      },
    ],
    ownedByMember: true,
  },
  'conversations.delete': {
    can: 'chat.use',
    inputs: (w) => [
      {
        input: { id: w.conversation.conversationId },
        ids: [w.conversation.conversationId],
        shows: w.conversation.conversationId,
        private: true,
      },
    ],
    ownedByMember: true,
  },

  'chat.send': {
    can: 'chat.use',
    inputs: (w) => {
      const question = () => ({ text: 'Where does the canary sing?', idempotencyKey: randomUUID() })
      return [
        {
          input: { ...question(), conversationId: w.conversation.conversationId },
          ids: [w.conversation.conversationId],
          shows: 'runId',
          private: true,
        },
        { input: { ...question(), collectionIds: [w.collectionId] }, ids: [w.collectionId], shows: 'runId' },
        {
          input: { ...question(), documentIds: [w.document.documentId] },
          ids: [w.document.documentId],
          shows: 'runId',
        },
      ]
    },
    ownedByMember: true,
  },
  'chat.continue': {
    can: 'chat.use',
    inputs: (w) => [
      {
        // The same request again gives the same reply, so that it can be made as often as this table is read.
        input: { messageId: w.stopped.answerId, idempotencyKey: `continue ${w.stopped.answerId}` },
        ids: [w.stopped.answerId],
        shows: 'runId',
        private: true,
      },
    ],
    ownedByMember: true,
  },
  'chat.stream': {
    can: 'chat.use',
    inputs: (w) => [
      { input: { runId: w.conversation.runId }, ids: [w.conversation.runId], shows: 'The canary', private: true },
    ],
    ownedByMember: true,
  },
  'chat.stop': {
    can: 'chat.use',
    inputs: (w) => [
      {
        input: { runId: w.conversation.runId },
        ids: [w.conversation.runId],
        shows: w.conversation.runId,
        private: true,
      },
    ],
    ownedByMember: true,
  },

  'feedback.set': {
    can: 'chat.use',
    inputs: (w) => [
      {
        input: { messageId: w.conversation.answerId, feedback: { rating: 'down', reason: 'wrong', comment: 'No.' } },
        ids: [w.conversation.answerId],
        shows: '"wrong"',
        private: true,
      },
    ],
    ownedByMember: true,
  },

  'keys.list': { can: 'keys.manage', inputs: (w) => [{ ...none, shows: idOf(w) }] },
  'keys.create': {
    can: 'keys.manage',
    inputs: () => [{ input: { name: CANARY, role: 'viewer' }, ids: [], shows: 'qk_' }],
  },
  'keys.revoke': { can: 'keys.manage', inputs: (w) => [{ input: { id: idOf(w) }, ids: [idOf(w)], shows: idOf(w) }] },

  'members.list': { can: 'members.read', inputs: (w) => [{ ...none, shows: w.memberIds.viewer }] },
  'members.changeRole': {
    can: 'members.manage',
    inputs: (w) => [
      {
        input: { id: w.memberIds.viewer, role: 'member' },
        ids: [w.memberIds.viewer],
        shows: w.memberIds.viewer,
      },
    ],
  },
  'members.remove': {
    can: 'members.manage',
    inputs: (w) => [{ input: { id: w.memberIds.viewer }, ids: [w.memberIds.viewer], shows: w.memberIds.viewer }],
  },
  'members.leave': {
    can: 'signedIn',
    // The owner is the last one.
    by: (w) => w.tenant.member,
    ofTheCaller: true,
    inputs: (w) => [{ ...none, shows: w.memberIds.member }],
  },

  'invitations.list': { can: 'members.manage', inputs: (w) => [{ ...none, shows: w.invitation.id }] },
  'invitations.create': {
    can: 'members.manage',
    inputs: () => [{ input: { email: `${randomUUID()}@quarry.test`, role: 'member' }, ids: [], shows: '/join/' }],
  },
  'invitations.revoke': {
    can: 'members.manage',
    inputs: (w) => [{ input: { id: w.invitation.id }, ids: [w.invitation.id], shows: w.invitation.id }],
  },
  'invitations.preview': {
    can: 'public',
    inputs: (w) => [{ input: { token: w.invitation.token }, ids: [w.invitation.token], shows: CANARY, bearer: true }],
  },
  'invitations.accept': {
    can: 'person',
    by: (w) => w.invitation.invited,
    inputs: (w) => [
      { input: { token: w.invitation.token }, ids: [w.invitation.token], shows: w.tenant.orgId, bearer: true },
    ],
  },

  'organisation.rename': {
    can: 'organisation.manage',
    inputs: () => [{ input: { name: `${CANARY} ${randomUUID()}` }, ids: [], shows: CANARY }],
  },
  'organisation.delete': {
    can: 'organisation.manage',
    inputs: (w) => [{ input: { name: w.tenant.name }, ids: [], shows: w.tenant.orgId }],
  },
  'organisation.restore': {
    can: 'person',
    ofTheCaller: true,
    inputs: (w) => [{ input: { id: w.tenant.orgId }, ids: [w.tenant.orgId], shows: w.tenant.orgId }],
  },
  'organisation.usage': { can: 'usage.read', inputs: () => [{ ...none, shows: CANARY }] },
  'organisation.switch': {
    can: 'person',
    ofTheCaller: true,
    inputs: (w) => [{ input: { id: w.tenant.orgId }, ids: [w.tenant.orgId], shows: w.tenant.orgId }],
  },

  'audit.list': {
    can: 'audit.read',
    inputs: (w) => [
      { ...none, shows: 'invitation.create' },
      { input: { action: 'invitation', limit: 5 }, ids: [], shows: CANARY },
      { input: { actorId: w.tenant.owner.id }, ids: [w.tenant.owner.id ?? ''], shows: CANARY },
    ],
  },

  ...JOB_ROWS,

  'feed.stream': {
    can: 'documents.read',
    inputs: () => [
      {
        input: {},
        ids: [],
        shows: 'collection',
        meanwhile: (world) =>
          createCollection(
            { deps: world.core.deps, actor: world.tenant.owner, requestId: randomUUID() },
            { name: `${CANARY} ${randomUUID()}`, visibility: 'organisation' },
          ),
      },
    ],
  },
}

function grants(w: World): Input[] {
  const grantees = [
    { kind: 'user', id: w.tenant.viewer.id },
    { kind: 'api_key', id: idOf(w) },
  ]
  return grantees.map((grantee) => ({
    input: { collectionId: w.collectionId, grantee },
    ids: [w.collectionId, grantee.id ?? ''],
    shows: w.collectionId,
  }))
}

const idOf = (world: World): string => world.tenant.apiKey.id ?? ''
