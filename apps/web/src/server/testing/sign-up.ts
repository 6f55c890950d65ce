import { randomUUID } from 'node:crypto'
import { handleAuth } from '../auth-mount.ts'
import { browserRequest, cookieOf } from './web-process.ts'

export const PASSWORD = 'correct horse'

/** Somebody with a workspace of their own, over the route. */
export const signUp = async (workspace = 'Fernhollow'): Promise<{ cookie: string; email: string }> => {
  const email = `${randomUUID()}@quarry.test`
  const json = { name: 'Ada', workspace, email, password: PASSWORD }
  const response = await handleAuth(browserRequest('/api/auth/sign-up/email', { json }))
  if (response.status !== 200) throw new Error(`${response.status} ${await response.text()}`)
  return { cookie: cookieOf(response), email }
}
