import { apiKey } from '@better-auth/api-key'
import { betterAuth } from 'better-auth'
import { createAuthMiddleware } from 'better-auth/api'
import { drizzleAdapter } from 'better-auth/adapters/drizzle'
import { organization } from 'better-auth/plugins/organization'
import { AppError, invitationToken, text } from '@quarry/contracts'
import { KEY_CONFIG_ID, KEY_PREFIX, type WebCore } from '@quarry/core/web'
import { z } from 'zod'
import type { WebEnv } from '../env.ts'
import { createAccountLimits } from './account-limits.ts'
import { clientNetwork } from './client-network.ts'
import { limitGuesses } from './guess-limit.ts'
import { trustedOrigins } from './origins.ts'
import { DAY_SECONDS, MONTH_SECONDS } from './session-times.ts'

/** The token of a link to join by, which then comes before any workspace that the person has. */
const invitation = invitationToken.optional()
const signInBody = z.object({ email: text.max(320), invitation })
/** All that a sign-up may say: better-auth would take more columns of its user. The last two are ours. */
const signUpBody = z.strictObject({
  name: text.max(120),
  email: text.max(320),
  password: z.string(),
  workspace: text.max(120).optional(),
  invitation,
})

/** What the first workspace of a person is called who did not say. */
const workspaceNameOf = (body: unknown): string => {
  const { name = '', workspace = '' } = signUpBody.safeParse(body).data ?? {}
  return workspace.trim() || (name.trim() ? `${name.trim()}'s workspace` : 'My workspace')
}

const parsed = <T>(schema: z.ZodType<T>, body: unknown): T => {
  const result = schema.safeParse(body)
  if (!result.success)
    throw new AppError('invalid_input', { details: { fields: z.flattenError(result.error).fieldErrors } })
  return result.data
}

const unlessOver = (error: unknown): null => {
  if (error instanceof AppError && error.code === 'not_found') return null
  throw error
}

/**
 * Over https the names say `__Host-`: a browser then takes such a cookie only with Secure, for all paths, and from this
 * very host, so that no name below or beside it can put one there (RFC 6265bis, 4.1.3.2). better-auth's own prefix is the
 * weaker `__Secure-`.
 */
const cookieNames = (publicUrl: string) =>
  publicUrl.startsWith('https:')
    ? { cookiePrefix: '__Host-quarry', useSecureCookies: false, defaultCookieAttributes: { secure: true } }
    : { cookiePrefix: 'quarry', useSecureCookies: false }

/**
 * Accounts and sessions. better-auth writes its tables; its hooks see to it that nobody who is signed in is without a
 * workspace, and that the organisation's audit tells of it.
 */
export const createAuth = (core: WebCore, env: WebEnv) => {
  const { publicUrl, trustedProxies } = env.adapters
  const limits = createAccountLimits({ redis: core.deps.redis, replicas: env.adapters.replicas.web }, env.authSecret)
  const networkOf = (headers: Headers | undefined) => clientNetwork(headers ?? new Headers(), trustedProxies)
  /** By the request that signs up or in: what better-auth hands on of a body is its own. */
  const invitations = new WeakMap<Request, string>()
  /** Before an account is made or a password looked at. Throws AppError('not_found') or ('forbidden'). */
  const requireInvitation = async (
    { request, headers }: { request?: Request | undefined; headers?: Headers | undefined },
    { invitation: token, email }: { invitation?: string | undefined; email: string },
  ) => {
    if (token === undefined) return
    await limitGuesses(networkOf(headers), () => core.requireInvitation({ token, email }))
    if (request) invitations.set(request, token)
  }
  const organisationOf = async (
    userId: string,
    request: Request | undefined,
    path: string | undefined,
    body: unknown,
  ): Promise<string> => {
    const token = request && invitations.get(request)
    // Ended, or used, since it was looked at: the person is let in all the same, where they would be without it.
    const joined = token && (await core.joinByInvitation({ userId, token }).catch(unlessOver))
    return (
      joined ||
      core.ensureWorkspace({ userId, workspaceName: workspaceNameOf(path === '/sign-up/email' ? body : null) })
    )
  }
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
    // Its own counts by whatever X-Forwarded-For says; account-limits.ts does it by account and by network.
    rateLimit: { enabled: false },
    // What is no refusal of its own comes to our error mapping: an outage is a 503, in our words.
    onAPIError: { throw: true },
    advanced: {
      ...cookieNames(publicUrl),
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
        if (ctx.path === '/sign-in/email') {
          const body = parsed(signInBody, ctx.body)
          await limits.beforeSignIn(body.email, networkOf(ctx.headers))
          await requireInvitation(ctx, body)
        }
        if (ctx.path === '/sign-up/email') {
          const body = parsed(signUpBody, ctx.body)
          // Called without a request by provision.ts.
          if (ctx.request) await limits.beforeSignUp(networkOf(ctx.headers))
          await requireInvitation(ctx, body)
        }
      }),
      after: createAuthMiddleware(async (ctx) => {
        if (ctx.path === '/sign-in/email' && ctx.context.newSession)
          await limits.afterSignIn(ctx.context.newSession.user.email, networkOf(ctx.headers))
      }),
    },
    databaseHooks: {
      session: {
        create: {
          before: async (session, ctx) => {
            const activeOrganizationId = await organisationOf(session.userId, ctx?.request, ctx?.path, ctx?.body)
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
