import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { APIError, createAuthMiddleware } from 'better-auth/api'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { organization } from 'better-auth/plugins/organization'
import { KEY_CONFIG_ID, KEY_PREFIX, type WebCore } from '@quarry/core/web'
import { z } from 'zod'
import type { WebEnv } from '../env.ts'
import { trustedOrigins } from './origins.ts'
import { countSignIn, forgetSignIns } from './sign-in-limit.ts'

const MONTH_SECONDS = 30 * 24 * 3600
const DAY_SECONDS = 24 * 3600

const signInBody = z.object({ email: z.string() })
const signUpBody = z.object({ name: z.string().optional(), workspace: z.string().optional() })

/** What the first workspace of a person is called who did not say. */
const workspaceNameOf = (body: unknown): string => {
  const { name, workspace } = signUpBody.catch({}).parse(body)
  return workspace?.trim() || (name?.trim() ? `${name.trim()}'s workspace` : 'My workspace')
}

/**
 * Accounts and sessions. better-auth writes its tables; its hooks see to it that nobody who is signed in is without a
 * workspace, and that the organisation's audit tells of it.
 */
export const createAuth = (core: WebCore, env: WebEnv) => {
  const { publicUrl } = env.adapters
  return betterAuth({
    appName: 'Quarry',
    secret: env.authSecret,
    baseURL: publicUrl,
    basePath: '/api/auth',
    trustedOrigins: trustedOrigins(env.adapters),
    // No transaction around a sign-up: the hooks use connections of their own, and the embedded database has one session.
    database: drizzleAdapter(core.auth.database, { provider: 'pg', schema: core.auth.schema, transaction: false }),
    emailAndPassword: { enabled: true, minPasswordLength: 8, maxPasswordLength: 128 },
    session: { expiresIn: MONTH_SECONDS, updateAge: DAY_SECONDS },
    // By address it would be by whatever X-Forwarded-For says; sign-in-limit.ts counts by account.
    rateLimit: { enabled: false },
    advanced: {
      cookiePrefix: 'quarry',
      useSecureCookies: publicUrl.startsWith('https:'),
      database: { generateId: 'uuid', joins: true },
    },
    telemetry: { enabled: false },
    logger: { log: (level, message) => core.deps.logger[level]({ part: 'better-auth' }, message) },
    plugins: [
      organization({ creatorRole: 'owner', allowUserToCreateOrganization: false }),
      apiKey([
        {
          configId: KEY_CONFIG_ID,
          references: 'organization',
          defaultPrefix: KEY_PREFIX,
          enableMetadata: true,
          rateLimit: { enabled: false },
        },
      ]),
    ],
    hooks: {
      before: createAuthMiddleware(async (ctx) => {
        if (ctx.path !== '/sign-in/email') return
        const body = signInBody.safeParse(ctx.body)
        const waitSeconds = body.success ? countSignIn(body.data.email) : 0
        if (waitSeconds > 0)
          throw new APIError(
            'TOO_MANY_REQUESTS',
            { message: 'Too many attempts to sign in to this account.' },
            { 'Retry-After': String(waitSeconds) },
          )
      }),
      after: createAuthMiddleware(async (ctx) => {
        if (ctx.path === '/sign-in/email' && ctx.context.newSession) forgetSignIns(ctx.context.newSession.user.email)
      }),
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session, ctx) => {
            const activeOrganizationId = await core.ensureWorkspace({
              userId: session.userId,
              workspaceName: workspaceNameOf(ctx?.path === '/sign-up/email' ? ctx.body : null),
            })
            return { data: { ...session, activeOrganizationId } }
          },
          after: async (session) => core.recordSession(session, 'session.create'),
        },
        delete: { after: async (session) => core.recordSession(session, 'session.delete') },
      },
    },
  })
}

export type Auth = ReturnType<typeof createAuth>
