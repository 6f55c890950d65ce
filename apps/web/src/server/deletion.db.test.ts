import { setTimeout as pause } from 'node:timers/promises'
import { PROCEDURES } from '@quarry/api'
import { closedWorkspaces, me } from '@quarry/contracts'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { getContent } from './content-route.ts'
import { openReader, refusalIn } from './testing/open-reader.ts'
import {
  ask,
  change,
  enter,
  invite,
  newAddress,
  newKey,
  newMember,
  request,
  type Credential,
} from './testing/people.ts'
import { signUp } from './testing/sign-up.ts'
import { browserRequest, startWebProcess, type WebProcess } from './testing/web-process.ts'
import { headUpload, putUpload } from './upload-route.ts'

let web: WebProcess
let owner: { cookie: string; email: string }
let admin: { cookie: string; email: string }
let key: { headers: Record<string, string> }
beforeAll(async () => {
  web = await startWebProcess()
})
beforeEach(async () => {
  // Thirty accounts from one network are all that one may make.
  globalThis.quarryAuth = undefined
  owner = await signUp('Fernhollow')
  admin = await newMember(owner, 'admin')
  key = await newKey(owner)
})
afterAll(() => web.close())

const anything = z.unknown()
const refused = z.object({
  error: z.looseObject({ data: z.looseObject({ app: z.looseObject({ code: z.string() }) }) }),
})
const codeOf = async (response: Response): Promise<string> => {
  const body: unknown = await response.json()
  return refused.safeParse(body).data?.error.data.app.code ?? String(response.status)
}
const callOf = (path: string, as: Credential | null) =>
  request(PROCEDURES.get(path)?.type === 'mutation' ? 'POST' : 'GET', path, undefined, as)
const signIn = async (as: { email: string; invitation?: string }) => ({ cookie: (await enter('sign-in', as)).cookie })
const deletion = () => change(z.object({ id: z.string() }), 'organisation.delete', owner, { name: 'Fernhollow' })
/** Longer than a process believes what it remembers without looking at what has changed. */
const BELIEVED_MS = 1_500
/** Signals are read every 250 ms; the rest is for a busy machine. */
const WITHIN = { timeout: 1_000, interval: 20 }

describe('check 20: a closed workspace', () => {
  it('is closed for the sessions and keys of all, in every procedure and route, within a second', async () => {
    const everybody: Credential[] = [owner, admin, key]
    // What is kept is what could be told.
    for (const as of [...everybody, ...everybody])
      for (const path of ['session.me', 'documents.list', 'collections.list'])
        await ask(anything, path, as, path === 'documents.list' ? {} : undefined)
    await deletion()
    for (const as of everybody)
      await expect.poll(async () => codeOf(await callOf('session.me', as)), WITHIN).toBe('closed')

    const forMembers = [...PROCEDURES].filter(
      ([, { meta }]) => !['public', 'person', 'operator'].includes(meta?.can ?? ''),
    )
    expect(forMembers.length).toBeGreaterThan(40)
    for (const as of everybody)
      for (const [path, { type }] of forMembers) {
        const response = await callOf(path, as)
        const said = type === 'subscription' ? refusalIn(await response.text()) : await codeOf(response)
        expect([path, said]).toEqual([path, 'closed'])
      }
    const id = crypto.randomUUID()
    for (const as of everybody)
      expect([
        (await headUpload(browserRequest('/x', { ...as, method: 'HEAD' }), id)).status,
        (await putUpload(browserRequest('/x?offset=0', { ...as, method: 'PUT', body: 'x' }), id)).status,
        (await getContent(browserRequest('/x', as), id)).status,
      ]).toEqual([403, 403, 403])
  })

  it('control: another workspace is as open as before, also for who is a member of both', async () => {
    const other = await signUp('Marshland')
    const both = await signIn({ email: admin.email, invitation: await invite(other, admin.email) })
    await deletion()
    await expect.poll(async () => (await callOf('session.me', admin)).status, WITHIN).toBe(403)
    for (const as of [other, both]) expect((await ask(me, 'session.me', as)).organisation.name).toBe('Marshland')
    // The closed one is no choice any more; where to go on is told to who is shut out.
    expect((await ask(me, 'session.me', both)).organisations.map(({ name }) => name)).toEqual(['Marshland'])
    const told = await ask(closedWorkspaces, 'session.closedWorkspaces', admin)
    expect(told).toMatchObject({
      closed: [{ name: 'Fernhollow', current: true, mayRestore: false }],
      open: [{ name: 'Marshland' }],
    })
    await change(anything, 'organisation.switch', admin, { id: told.open[0]?.id })
    expect((await ask(me, 'session.me', admin)).organisation.name).toBe('Marshland')
    expect(await codeOf(await request('POST', 'organisation.switch', { id: told.closed[0]?.id }, admin))).toBe('closed')
  })

  it('ends what is open, takes nobody in, and makes nobody another one', async () => {
    const feed = await openReader('feed.stream', {}, admin)
    const token = await invite(owner, newAddress())
    await deletion()
    await feed.ended
    expect(refusalIn(feed.text())).toBe('unauthenticated')
    expect((await request('GET', 'invitations.preview', { token }, null)).status).toBe(404)
    const again = await signIn({ email: admin.email })
    expect(await codeOf(await callOf('session.me', again))).toBe('closed')
    const rows = await web.database.owner.unsafe(
      `select 1 from auth.member m join auth."user" u on u.id = m.user_id where u.email = $1`,
      [admin.email],
    )
    expect(rows).toHaveLength(1)
  })

  it('is opened again by an owner alone, and is then as it was; whoever comes too late is told', async () => {
    const before = await ask(anything, 'collections.list', key)
    const { id } = await deletion()
    const restore = (as: Credential) => request('POST', 'organisation.restore', { id }, as)
    const stranger = await signUp('Marshland')
    expect(await codeOf(await restore(admin))).toBe('forbidden')
    expect(await codeOf(await restore(stranger))).toBe('not_found')
    expect(await codeOf(await restore(key))).toBe('closed')
    expect((await restore(owner)).status).toBe(200)
    for (const as of [owner, admin, key]) expect((await ask(me, 'session.me', as)).organisation.name).toBe('Fernhollow')
    expect(await ask(anything, 'collections.list', key)).toEqual(before)
    const { items } = await ask(
      z.object({ items: z.array(z.looseObject({ action: z.string() })) }),
      'audit.list',
      owner,
      {},
    )
    expect(items.slice(0, 2).map(({ action }) => action)).toEqual(['organisation.restore', 'organisation.delete'])

    await deletion()
    await web.database.owner.unsafe(`update auth.organization set delete_at = now() where id = $1`, [id])
    expect(await codeOf(await restore(owner))).toBe('conflict')
    expect((await ask(closedWorkspaces, 'session.closedWorkspaces', owner)).closed).toMatchObject([
      { mayRestore: false },
    ])
  })

  it('is closed by its owner alone, who says its name', async () => {
    const remove = (as: Credential, name: string) => request('POST', 'organisation.delete', { name }, as)
    for (const as of [admin, key]) expect(await codeOf(await remove(as, 'Fernhollow'))).toBe('forbidden')
    for (const name of ['', 'fernhollow', 'Marshland'])
      expect(await codeOf(await remove(owner, name))).toBe('invalid_input')
    expect((await ask(me, 'session.me', owner)).organisation.name).toBe('Fernhollow')
    expect((await remove(owner, ' Fernhollow ')).status).toBe(200)
  })

  it('mutation: without the trigger that tells of it, whoever is remembered would still get in', async () => {
    const { owner: sql } = web.database
    const { organisation } = await ask(me, 'session.me', admin)
    /** As the row alone says it: nobody is told by a signal. */
    const closed = (is: boolean) =>
      sql.unsafe(`update auth.organization set closed_at = ${is ? 'now()' : 'null'} where id = $1`, [organisation.id])
    const status = async () => (await callOf('session.me', admin)).status
    // What was changed by joining is known by then, and what is remembered is of after it.
    await pause(BELIEVED_MS)
    expect(await status()).toBe(200)
    await sql.unsafe('alter table auth.organization disable trigger touch_closing')
    await closed(true)
    await pause(BELIEVED_MS)
    expect(await status()).toBe(200)
    await sql.unsafe('alter table auth.organization enable trigger touch_closing')
    await closed(false)
    await closed(true)
    await expect.poll(status, { ...WITHIN, timeout: 2 * BELIEVED_MS }).toBe(403)
  })
})
