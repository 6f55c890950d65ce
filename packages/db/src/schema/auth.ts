import { relations, sql } from 'drizzle-orm'
import { boolean, index, integer, pgSchema, text, unique, uuid } from 'drizzle-orm/pg-core'
import { createdAtColumn, moment } from './columns.ts'

/**
 * better-auth's tables (core, organization and api-key plugins, `generateId: 'uuid'`), as `auth generate` 1.7.7 writes
 * them. By hand: a schema of their own, so that no grant on `public` ever reaches them; time zones on the moments;
 * member's unique key; indexes for the look-ups by provider and by expiry.
 */
export const authSchema = pgSchema('auth')

const idColumn = () =>
  uuid('id')
    .default(sql`pg_catalog.gen_random_uuid()`)
    .primaryKey()
const updatedAtColumn = () =>
  moment('updated_at')
    .defaultNow()
    .$onUpdate(() => new Date())
    .notNull()

export const user = authSchema.table('user', {
  id: idColumn(),
  name: text('name').notNull(),
  email: text('email').notNull().unique(),
  emailVerified: boolean('email_verified').default(false).notNull(),
  image: text('image'),
  createdAt: createdAtColumn(),
  updatedAt: updatedAtColumn(),
})

const userIdColumn = (name = 'user_id') =>
  uuid(name)
    .notNull()
    .references(() => user.id, { onDelete: 'cascade' })

export const session = authSchema.table(
  'session',
  {
    id: idColumn(),
    expiresAt: moment('expires_at').notNull(),
    token: text('token').notNull().unique(),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
    ipAddress: text('ip_address'),
    userAgent: text('user_agent'),
    userId: userIdColumn(),
    activeOrganizationId: text('active_organization_id'),
  },
  (t) => [index('session_of_user').on(t.userId), index('session_expiry').on(t.expiresAt)],
)

export const account = authSchema.table(
  'account',
  {
    id: idColumn(),
    accountId: text('account_id').notNull(),
    providerId: text('provider_id').notNull(),
    userId: userIdColumn(),
    accessToken: text('access_token'),
    refreshToken: text('refresh_token'),
    idToken: text('id_token'),
    accessTokenExpiresAt: moment('access_token_expires_at'),
    refreshTokenExpiresAt: moment('refresh_token_expires_at'),
    scope: text('scope'),
    password: text('password'),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (t) => [index('account_of_user').on(t.userId), index('account_of_provider').on(t.providerId, t.accountId)],
)

export const verification = authSchema.table(
  'verification',
  {
    id: idColumn(),
    identifier: text('identifier').notNull(),
    value: text('value').notNull(),
    expiresAt: moment('expires_at').notNull(),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (t) => [index('verification_identifier').on(t.identifier), index('verification_expiry').on(t.expiresAt)],
)

/** A tenant: `org_id` of every tenant table is this id. No foreign key points here, so that tenants can be moved apart. */
export const organization = authSchema.table(
  'organization',
  {
    id: idColumn(),
    name: text('name').notNull(),
    slug: text('slug').notNull().unique(),
    logo: text('logo'),
    createdAt: createdAtColumn(),
    metadata: text('metadata'),
    /** Closed by an owner, who has it deleted: nobody gets in, and until `deleteAt` it can be opened again. Ours. */
    closedAt: moment('closed_at'),
    /** Null: at the command line. */
    closedBy: uuid('closed_by'),
    deleteAt: moment('delete_at'),
  },
  (t) => [
    // Few, which the clock looks for every few minutes.
    index('organization_closed')
      .on(t.deleteAt)
      .where(sql`delete_at is not null`),
  ],
)

const organizationIdColumn = () =>
  uuid('organization_id')
    .notNull()
    .references(() => organization.id, { onDelete: 'cascade' })

export const member = authSchema.table(
  'member',
  {
    id: idColumn(),
    organizationId: organizationIdColumn(),
    userId: userIdColumn(),
    role: text('role').default('member').notNull(),
    createdAt: createdAtColumn(),
  },
  (t) => [
    unique('member_once').on(t.organizationId, t.userId),
    index('member_of_user').on(t.userId),
    // Owners and admins, among many more.
    index('member_of_role').on(t.organizationId, t.role),
  ],
)

export const invitation = authSchema.table(
  'invitation',
  {
    id: idColumn(),
    organizationId: organizationIdColumn(),
    email: text('email').notNull(),
    role: text('role'),
    status: text('status').default('pending').notNull(),
    expiresAt: moment('expires_at').notNull(),
    createdAt: createdAtColumn(),
    inviterId: userIdColumn('inviter_id'),
    /** SHA-256 of the link's token, lower-case hex. By hand: better-auth's own links carry the row's id. */
    tokenHash: text('token_hash').unique(),
  },
  (t) => [
    index('invitation_of_organization').on(t.organizationId),
    // Those that count, among all that were used or have ended.
    index('invitation_pending')
      .on(t.organizationId)
      .where(sql`status = 'pending'`),
    index('invitation_email').on(t.email),
    index('invitation_of_inviter').on(t.inviterId),
  ],
)

/** `key` is a hash; `referenceId` is the organisation that owns the key. */
export const apikey = authSchema.table(
  'apikey',
  {
    id: idColumn(),
    configId: text('config_id').default('default').notNull(),
    name: text('name'),
    start: text('start'),
    referenceId: text('reference_id').notNull(),
    prefix: text('prefix'),
    key: text('key').notNull(),
    refillInterval: integer('refill_interval'),
    refillAmount: integer('refill_amount'),
    lastRefillAt: moment('last_refill_at'),
    enabled: boolean('enabled').default(true),
    rateLimitEnabled: boolean('rate_limit_enabled').default(true),
    rateLimitTimeWindow: integer('rate_limit_time_window').default(86_400_000),
    rateLimitMax: integer('rate_limit_max').default(10),
    requestCount: integer('request_count').default(0),
    remaining: integer('remaining'),
    lastRequest: moment('last_request'),
    expiresAt: moment('expires_at'),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
    permissions: text('permissions'),
    metadata: text('metadata'),
  },
  (t) => [
    index('apikey_config').on(t.configId),
    index('apikey_of_reference').on(t.referenceId),
    unique('apikey_key').on(t.key),
  ],
)

export const userRelations = relations(user, ({ many }) => ({
  sessions: many(session),
  accounts: many(account),
  members: many(member),
  invitations: many(invitation),
}))
export const sessionRelations = relations(session, ({ one }) => ({
  user: one(user, { fields: [session.userId], references: [user.id] }),
}))
export const accountRelations = relations(account, ({ one }) => ({
  user: one(user, { fields: [account.userId], references: [user.id] }),
}))
export const organizationRelations = relations(organization, ({ many }) => ({
  members: many(member),
  invitations: many(invitation),
}))
export const memberRelations = relations(member, ({ one }) => ({
  organization: one(organization, { fields: [member.organizationId], references: [organization.id] }),
  user: one(user, { fields: [member.userId], references: [user.id] }),
}))
export const invitationRelations = relations(invitation, ({ one }) => ({
  organization: one(organization, { fields: [invitation.organizationId], references: [organization.id] }),
  user: one(user, { fields: [invitation.inviterId], references: [user.id] }),
}))
