import { me } from '@quarry/contracts'
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { PEER_HEADER } from './client-network.ts'
import { ask, change, enter, invite, newAddress, newMember, request, type Credential } from './testing/people.ts'
import { signUp } from './testing/sign-up.ts'
import { startWebProcess, type WebProcess } from './testing/web-process.ts'

let web: WebProcess
let owner: Credential
beforeAll(async () => {
  web = await startWebProcess()
})
beforeEach(async () => {
  // Thirty accounts from one network are all that one may make.
  globalThis.quarryAuth = undefined
  owner = await signUp('Fernhollow')
})
afterAll(() => web.close())

const anything = z.unknown()
const whereIs = async (as: Credential) => {
  const { organisation, role, organisations } = await ask(me, 'session.me', as)
  return { name: organisation.name, role, organisations: organisations.map(({ name }) => name) }
}
const memberId = async (by: Credential, email: string) => {
  const members = await ask(z.array(z.looseObject({ id: z.string(), email: z.string() })), 'members.list', by)
  return members.find((member) => member.email === email)?.id
}
const remove = async (email: string) => change(anything, 'members.remove', owner, { id: await memberId(owner, email) })
const rowsOf = (table: string, email: string) =>
  web.database.owner.unsafe(`select * from ${table} where email = $1`, [email])

it('signing up with a link makes a member, and no workspace of their own', async () => {
  const email = newAddress()
  const token = await invite(owner, email, 'viewer')
  const shown = await ask(z.looseObject({ organisation: z.string() }), 'invitations.preview', null, { token })
  expect(shown).toMatchObject({ organisation: 'Fernhollow', email, role: 'viewer', hasAccount: false })
  const { status, cookie } = await enter('sign-up', { email, invitation: token })
  expect(status).toBe(200)
  expect(await whereIs({ cookie })).toEqual({ name: 'Fernhollow', role: 'viewer', organisations: ['Fernhollow'] })
})

it('a link that is not for the address, was ended, or is none, makes no account', async () => {
  const invited = newAddress()
  const token = await invite(owner, invited)
  const email = newAddress()
  expect(await enter('sign-up', { email, invitation: token })).toMatchObject({
    status: 403,
    body: { code: 'forbidden', message: expect.stringContaining(invited) },
  })
  const newer = await invite(owner, invited)
  expect(await enter('sign-up', { email: invited, invitation: token })).toMatchObject({ status: 404 })
  expect(await enter('sign-up', { email: invited, invitation: 'no token' })).toMatchObject({ status: 400 })
  expect([...(await rowsOf('auth."user"', email)), ...(await rowsOf('auth."user"', invited))]).toEqual([])
  expect(await enter('sign-up', { email: invited, invitation: newer })).toMatchObject({ status: 200 })
})

it('who has an account joins by signing in with the link, or by accepting it, and works there from then on', async () => {
  for (const way of ['sign in', 'accept'] as const) {
    const person = await signUp('Elsewhere')
    const invitation = await invite(owner, person.email, 'admin')
    const { cookie } = await enter('sign-in', { email: person.email, ...(way === 'sign in' ? { invitation } : {}) })
    if (way === 'accept') {
      expect(await whereIs({ cookie })).toMatchObject({ name: 'Elsewhere' })
      await change(anything, 'invitations.accept', { cookie }, { token: invitation })
    }
    const both = { role: 'admin', organisations: ['Elsewhere', 'Fernhollow'] }
    expect(await whereIs({ cookie })).toEqual({ name: 'Fernhollow', ...both })
    // Their other session stays where it was, until they say so.
    expect(await whereIs(person)).toEqual({ name: 'Elsewhere', ...both, role: 'owner' })
    const { organisations } = await ask(me, 'session.me', person)
    await change(anything, 'organisation.switch', person, { id: organisations[1]?.id })
    expect((await whereIs(person)).name).toBe('Fernhollow')
    expect((await whereIs({ cookie })).name).toBe('Fernhollow')
  }
})

it('somebody else’s link names its address to who is signed in, and lets nobody in', async () => {
  const invited = newAddress()
  const token = await invite(owner, invited)
  const other = await signUp('Elsewhere')
  const response = await request('POST', 'invitations.accept', { token }, other)
  expect([response.status, await response.text()]).toEqual([403, expect.stringContaining(invited)])
  expect((await request('POST', 'invitations.accept', { token }, null)).status).toBe(401)
})

it('an account whose sign-up was cut off before it joined is whole after the next sign-in and the link', async () => {
  const email = newAddress()
  const invitation = await invite(owner, email)
  const join = vi.spyOn(web.core, 'joinByInvitation').mockRejectedValueOnce(new Error('the power is gone'))
  expect(await enter('sign-up', { email, invitation })).toMatchObject({ status: 500 })
  join.mockRestore()
  const { cookie } = await enter('sign-in', { email })
  expect((await whereIs({ cookie })).organisations).toEqual(['My workspace'])
  await change(anything, 'invitations.accept', { cookie }, { token: invitation })
  expect(await whereIs({ cookie })).toMatchObject({ name: 'Fernhollow', role: 'member' })
})

it('who was removed from their only workspace is told so, may accept a link, and gets a workspace by signing in', async () => {
  const person = await newMember(owner)
  await remove(person.email)
  await expect.poll(async () => (await request('GET', 'session.me', undefined, person)).status).toBe(401)
  const told = await (await request('GET', 'documents.list', {}, person)).text()
  expect(told).toContain('You do not belong to any workspace now')
  const switched = await request('POST', 'organisation.switch', { id: crypto.randomUUID() }, person)
  expect(switched.status).toBe(404)

  await change(anything, 'invitations.accept', person, { token: await invite(owner, person.email) })
  expect(await whereIs(person)).toMatchObject({ name: 'Fernhollow' })
  await change(anything, 'members.leave', person)
  expect((await request('GET', 'session.me', undefined, person)).status).toBe(401)
  const { cookie } = await enter('sign-in', { email: person.email })
  expect(await whereIs({ cookie })).toEqual({ name: 'My workspace', role: 'owner', organisations: ['My workspace'] })
})

it('who was removed from one of their workspaces goes on in another', async () => {
  const person = await signUp('Elsewhere')
  const { cookie } = await enter('sign-in', { email: person.email, invitation: await invite(owner, person.email) })
  expect((await whereIs({ cookie })).name).toBe('Fernhollow')
  await remove(person.email)
  await expect.poll(async () => (await whereIs({ cookie })).name).toBe('Elsewhere')
})

it('fifty links that lead nowhere are all that one network opens; links that do lead somewhere go on elsewhere', async () => {
  const token = await invite(owner, newAddress())
  const from = { headers: { [PEER_HEADER]: '192.0.2.77' } }
  const open = async (some: string, as: Credential = from) =>
    (await request('GET', 'invitations.preview', { token: some }, as)).status
  const wrong = (i: number) => String(i).padStart(43, '0')
  for (let i = 0; i < 30; i++) expect(await open(token)).toBe(200)
  for (let i = 0; i < 50; i++) expect(await open(wrong(i))).toBe(404)
  expect(await open(wrong(50))).toBe(429)
  expect(await open(token)).toBe(429)
  expect(await open(token, { headers: { [PEER_HEADER]: '192.0.2.78' } })).toBe(200)
  const signUp = await enter('sign-up', { email: newAddress(), invitation: wrong(51) }, from.headers)
  expect(signUp.status).toBe(429)
})
