import { auth } from './auth-instance.ts'

/** Of all that a browser sends, what better-auth knows a session by. */
export interface SessionCookies {
  /** Signed; the secret of the session. */
  readonly token: string
  /** A `Cookie` header with nothing else in it. */
  readonly header: string
}

/** Null where there is no session cookie. Other cookies come and go and change nothing. */
export const readSessionCookies = async (header: string): Promise<SessionCookies | null> => {
  if (header === '') return null
  const { sessionToken, dontRememberToken } = (await auth().$context).authCookies
  const token = valueOf(header, sessionToken.name)
  if (token === null) return null
  const kept = [dontRememberToken.name].flatMap((name) => {
    const value = valueOf(header, name)
    return value === null ? [] : [`${name}=${value}`]
  })
  return { token, header: [`${sessionToken.name}=${token}`, ...kept].join('; ') }
}

const valueOf = (header: string, name: string): string | null => {
  for (const part of header.split(';')) {
    const at = part.indexOf('=')
    if (part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return null
}
