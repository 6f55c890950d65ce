import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { handleAuth } from './auth-mount.ts'
import { getContent } from './content-route.ts'
import { openReader, refusalIn, type Reader } from './testing/open-reader.ts'
import { ask, change, enter, newMember, request, type Credential } from './testing/people.ts'
import { signUp } from './testing/sign-up.ts'
import { browserRequest, startWebProcess, type WebProcess } from './testing/web-process.ts'
import { headUpload, putUpload } from './upload-route.ts'

let web: WebProcess
let owner: { cookie: string; email: string }
beforeAll(async () => {
  web = await startWebProcess()
})
beforeEach(async () => {
  globalThis.quarryAuth = undefined
  owner = await signUp('Fernhollow')
})
afterAll(() => web.close())

/** What is promised. Signals are read every 250 ms; the rest is for a busy machine. */
const WITHIN_MS = 1000
/** A machine that stands still for a second says nothing about us; three times in a row, it is us. */
const MEASURED = { retry: 2 }
const anything = z.unknown()
const withId = z.looseObject({ id: z.string() })

const memberId = async (email: string) => {
  const members = await ask(z.array(withId.extend({ email: z.string() })), 'members.list', owner)
  return members.find((member) => member.email === email)?.id
}
const signInAgain = async (email: string) => ({ cookie: (await enter('sign-in', { email })).cookie })
const newKey = async (role = 'member') => {
  const { secret, key } = await change(z.object({ secret: z.string(), key: withId }), 'keys.create', owner, {
    name: 'program',
    role,
  })
  return { id: key.id, headers: { authorization: `Bearer ${secret}` } }
}
const newCollection = async (visibility: string) =>
  (await change(withId, 'collections.create', owner, { name: crypto.randomUUID(), visibility })).id

/** A feed that is known to be open: it has told of something. A late word of an earlier change ends it; clients come back. */
const openFeed = async (as: Credential): Promise<Reader> => {
  let reader = await openReader('feed.stream', {}, as)
  await expect
    .poll(
      async () => {
        if (!reader.isOpen()) reader = await openReader('feed.stream', {}, as)
        await newCollection('organisation')
        return reader.text()
      },
      { timeout: 10_000, interval: 300 },
    )
    .toContain('data: {"id"')
  return reader
}
/** Ends within a second of the change, and with this. */
const expectEnd = async (readers: readonly Reader[], code: string, changed: () => Promise<unknown>) => {
  await changed()
  const from = performance.now()
  for (const reader of readers) await reader.ended
  expect(performance.now() - from).toBeLessThan(WITHIN_MS)
  for (const reader of readers) expect(refusalIn(reader.text())).toBe(code)
}

it(
  'being removed ends every session of the person, every stream and every route, and nothing of others',
  MEASURED,
  async () => {
    const person = await newMember(owner)
    const collectionId = await newCollection('organisation')
    const [file] = await change(z.array(z.looseObject({ ticket: z.string() })), 'documents.createMany', person, {
      collectionId,
      files: [{ path: 'half.md', sizeBytes: 10 }],
    })
    const ticket = file?.ticket ?? ''
    const put = (offset: number) =>
      putUpload(
        browserRequest(`/api/uploads/${ticket}?offset=${offset}`, {
          cookie: person.cookie,
          method: 'PUT',
          body: '# Hal',
        }),
        ticket,
      )
    expect((await put(0)).status).toBe(200)
    const second = await signInAgain(person.email)
    const [first, other, colleague] = await Promise.all([openFeed(person), openFeed(second), openFeed(owner)])
    const id = await memberId(person.email)
    await expectEnd([first, other], 'unauthenticated', () => change(anything, 'members.remove', owner, { id }))
    for (const as of [person, second])
      await expect
        .poll(
          async () => [
            (await request('GET', 'session.me', undefined, as)).status,
            (await headUpload(browserRequest(`/api/uploads/${ticket}`, { ...as, method: 'HEAD' }), ticket)).status,
            (await put(5)).status,
            (await getContent(browserRequest('/x', as), ticket)).status,
          ],
          { timeout: WITHIN_MS, interval: 20 },
        )
        .toEqual([401, 401, 401, 401])
    expect(colleague.isOpen()).toBe(true)
    await colleague.close()
  },
)

it('leaving, signing out and losing a key end what is open; other sessions and keys come back', MEASURED, async () => {
  const person = await newMember(owner)
  const kept = await signInAgain(person.email)
  const [out, stays] = await Promise.all([openFeed(person), openFeed(kept)])
  const signOut = () => handleAuth(browserRequest('/api/auth/sign-out', { cookie: person.cookie, json: {} }))
  await expectEnd([out, stays], 'unavailable', signOut)
  expect((await request('GET', 'session.me', undefined, person)).status).toBe(401)
  const again = await openFeed(kept)
  await expectEnd([again], 'unauthenticated', () => change(anything, 'members.leave', kept))

  const [key, keptKey] = [await newKey(), await newKey()]
  const [revoked, other] = await Promise.all([openFeed(key), openFeed(keptKey)])
  await expectEnd([revoked], 'unauthenticated', () => change(anything, 'keys.revoke', owner, { id: key.id }))
  expect(other.isOpen()).toBe(true)
  await other.close()
})

it(
  'a changed role and a changed grant end what is open, so that it opens again with what is allowed now',
  MEASURED,
  async () => {
    const person = await newMember(owner)
    const collectionId = await newCollection('restricted')
    const id = await memberId(person.email)
    const { id: userId } = await ask(withId, 'session.me', person)
    const grant = { collectionId, grantee: { kind: 'user', id: userId } }
    const visible = async () =>
      (await ask(z.array(withId), 'collections.list', person)).some((collection) => collection.id === collectionId)

    await expectEnd([await openFeed(person)], 'unavailable', () => change(anything, 'collections.grant', owner, grant))
    expect(await visible()).toBe(true)
    await expectEnd([await openFeed(person)], 'unavailable', () =>
      change(anything, 'collections.revokeGrant', owner, grant),
    )
    expect(await visible()).toBe(false)
    await expectEnd([await openFeed(person)], 'unavailable', () =>
      change(anything, 'members.changeRole', owner, { id, role: 'viewer' }),
    )
    const files = { collectionId: await newCollection('organisation'), files: [{ path: 'a.md', sizeBytes: 1 }] }
    expect((await request('POST', 'documents.createMany', files, person)).status).toBe(403)
  },
)

it('a closed collection is told to nobody else any more, in what they have open already', MEASURED, async () => {
  const person = await newMember(owner)
  const feed = await openFeed(person)
  const collectionId = await newCollection('organisation')
  const timesTold = () => feed.text().split(collectionId).length - 1
  await expect.poll(timesTold, { timeout: 5000 }).toBe(1)
  await change(anything, 'collections.update', owner, { id: collectionId, visibility: 'restricted' })
  // Once more: that it is gone.
  await expect.poll(timesTold, { timeout: 5000 }).toBe(2)
  await change(anything, 'collections.update', owner, { id: collectionId, name: crypto.randomUUID() })
  const marker = await newCollection('organisation')
  await expect.poll(() => feed.text(), { timeout: 5000 }).toContain(marker)
  expect(timesTold()).toBe(2)
  await feed.close()
})

it('members hear that people were invited, came and left', async () => {
  const viewer = await newMember(owner, 'viewer')
  const feed = await openFeed(viewer)
  const joined = await newMember(owner)
  const id = (await memberId(joined.email)) ?? ''
  const [invitation] = await ask(z.array(withId), 'invitations.list', owner)
  await change(anything, 'members.remove', owner, { id })
  for (const subject of [invitation?.id ?? '', id])
    await expect.poll(() => feed.text(), { timeout: 5000 }).toContain(`"topic":"member","subjectId":"${subject}"`)
  await feed.close()
})
