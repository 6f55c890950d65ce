import { z } from 'zod'

/** Identifiers are UUIDv7 strings (RFC 9562), branded so that one kind cannot stand in for another. */
export const orgId = z.uuid().brand<'OrgId'>()
export const userId = z.uuid().brand<'UserId'>()
export const apiKeyId = z.uuid().brand<'ApiKeyId'>()
export const collectionId = z.uuid().brand<'CollectionId'>()
export const documentId = z.uuid().brand<'DocumentId'>()
export const versionId = z.uuid().brand<'VersionId'>()
export const conversationId = z.uuid().brand<'ConversationId'>()
export const messageId = z.uuid().brand<'MessageId'>()
export const citationId = z.uuid().brand<'CitationId'>()
export const runId = z.uuid().brand<'RunId'>()
export const jobRunId = z.uuid().brand<'JobRunId'>()

export const memberId = z.uuid().brand<'MemberId'>()
export const invitationId = z.uuid().brand<'InvitationId'>()

export type OrgId = z.infer<typeof orgId>
export type UserId = z.infer<typeof userId>
export type ApiKeyId = z.infer<typeof apiKeyId>
export type CollectionId = z.infer<typeof collectionId>
export type DocumentId = z.infer<typeof documentId>
export type VersionId = z.infer<typeof versionId>
export type ConversationId = z.infer<typeof conversationId>
export type MessageId = z.infer<typeof messageId>
export type CitationId = z.infer<typeof citationId>
export type RunId = z.infer<typeof runId>
export type JobRunId = z.infer<typeof jobRunId>
export type MemberId = z.infer<typeof memberId>
export type InvitationId = z.infer<typeof invitationId>
