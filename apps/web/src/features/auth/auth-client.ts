import { t } from '../../i18n/translate.ts'

/** What an endpoint of better-auth answers when it refuses. */
interface Refusal {
  code?: string
  message?: string
  /** What to do next; in refusals of our own. */
  action?: string
}

/** A sign-in or sign-up that was refused, in words for the person at the form. */
export class AuthRefused extends Error {
  override readonly name = 'AuthRefused'
}

const BY_CODE: Record<string, () => string> = {
  INVALID_EMAIL_OR_PASSWORD: () => t('auth.error.credentials'),
  INVALID_EMAIL: () => t('auth.error.email'),
  USER_ALREADY_EXISTS: () => t('auth.error.exists'),
  USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL: () => t('auth.error.exists'),
  PASSWORD_TOO_SHORT: () => t('auth.error.passwordShort', { count: MIN_PASSWORD_LENGTH }),
}

/** better-auth's own minimum. */
export const MIN_PASSWORD_LENGTH = 8

const post = async (path: string, body: object): Promise<void> => {
  const response = await fetch(`/api/auth/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch((cause: unknown) => {
    throw new AuthRefused(t('auth.error.network'), { cause })
  })
  if (response.ok) return
  if (response.status === 429) throw new AuthRefused(t('auth.error.rateLimited'))
  const refusal = (await response.json().catch(() => ({}))) as Refusal
  const known = BY_CODE[refusal.code ?? '']?.()
  const own = refusal.action === undefined ? undefined : `${refusal.message ?? ''} ${refusal.action}`.trim()
  throw new AuthRefused(known ?? own ?? t('auth.error.other', { message: refusal.message ?? String(response.status) }))
}

/** Throws AuthRefused. The session comes back as a cookie that scripts cannot read. */
export const signIn = (input: { email: string; password: string; invitation?: string }): Promise<void> =>
  post('sign-in/email', input)

interface SignUp {
  name: string
  email: string
  password: string
  /** What the new workspace is called; or the token of the invitation to one that there is. */
  workspace?: string
  invitation?: string
}

/** Makes an account with its workspace, or joins the one of the invitation, and signs in. Throws AuthRefused. */
export const signUp = (input: SignUp): Promise<void> => post('sign-up/email', input)

export const signOut = (): Promise<void> => post('sign-out', {})
