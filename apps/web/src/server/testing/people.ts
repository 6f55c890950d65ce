import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { handleAuth } from '../auth-mount.ts'
import { handleTrpc } from '../trpc-mount.ts'
import { PASSWORD } from './sign-up.ts'
import { browserRequest, cookieOf } from './web-process.ts'

export type Credential = { readonly cookie: string } | { readonly headers: Record<string, string> }

export const newAddress = (): string => `${randomUUID()}@quarry.test`

/** A sign-up or sign-in over the route, with a link to join by where there is one. */
export const enter = async (
  way: 'sign-up' | 'sign-in',
  { email, ...more }: { email: string; invitation?: string; workspace?: string },
  headers: HeadersInit = {},
): Promise<{ status: number; cookie: string; body: unknown }> => {
  const json = { email, password: PASSWORD, ...(way === 'sign-up' ? { name: 'Ben' } : {}), ...more }
  const response = await handleAuth(browserRequest(`/api/auth/${way}/email`, { json, headers }))
  const body: unknown = await response.json()
  return { status: response.status, cookie: cookieOf(response), body }
}

/** A call of the API over HTTP: GET without `method: 'POST'`. */
export const request = (
  method: 'GET' | 'POST',
  path: string,
  input: object | undefined,
  as: Credential | null,
): Promise<Response> =>
  handleTrpc(
    method === 'POST'
      ? browserRequest(`/api/trpc/${path}`, { ...as, json: input ?? {} })
      : browserRequest(
          `/api/trpc/${path}${input ? `?input=${encodeURIComponent(JSON.stringify(input))}` : ''}`,
          as ?? {},
        ),
  )

const envelope = z.object({ result: z.object({ data: z.unknown() }) })

/** What a query gives; throws what it was refused with. */
export const ask = async <T>(schema: z.ZodType<T>, path: string, as: Credential | null, input?: object): Promise<T> =>
  outputOf(schema, path, await request('GET', path, input, as))

export const change = async <T>(schema: z.ZodType<T>, path: string, as: Credential, input?: object): Promise<T> =>
  outputOf(schema, path, await request('POST', path, input, as))

const outputOf = async <T>(schema: z.ZodType<T>, path: string, response: Response): Promise<T> => {
  const text = await response.text()
  if (response.status !== 200) throw new Error(`${path}: ${response.status} ${text}`)
  return schema.parse(envelope.parse(JSON.parse(text)).result.data)
}

export const tokenOf = (link: string): string => link.slice(link.lastIndexOf('/') + 1)

/** An invitation by `by`, as the person gets it. */
export const invite = async (by: Credential, email: string, role = 'member'): Promise<string> =>
  tokenOf((await change(z.object({ link: z.string() }), 'invitations.create', by, { email, role })).link)

/** A member of `by`'s organisation, who signed up with a link. */
export const newMember = async (by: Credential, role = 'member'): Promise<{ cookie: string; email: string }> => {
  const email = newAddress()
  const { status, cookie, body } = await enter('sign-up', { email, invitation: await invite(by, email, role) })
  if (status !== 200) throw new Error(`${status} ${JSON.stringify(body)}`)
  return { cookie, email }
}

/** The id of a member of `by`'s organisation; empty where there is none. */
export const memberId = async (by: Credential, email: string): Promise<string> => {
  const members = await ask(z.array(z.looseObject({ id: z.string(), email: z.string() })), 'members.list', by)
  return members.find((member) => member.email === email)?.id ?? ''
}

/** A key of `by`'s organisation. */
export const newKey = async (
  by: Credential,
): Promise<{ id: string; secret: string; headers: Record<string, string> }> => {
  const made = z.object({ secret: z.string(), key: z.looseObject({ id: z.string() }) })
  const { secret, key } = await change(made, 'keys.create', by, { name: 'program', role: 'member' })
  return { id: key.id, secret, headers: { authorization: `Bearer ${secret}` } }
}
