import { randomUUID } from 'node:crypto'
import { createManyOutput, sendOutput } from '@quarry/contracts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { change, newMember, request, type Credential } from './testing/people.ts'
import { signUp } from './testing/sign-up.ts'
import { browserRequest, startWebProcess, type WebProcess } from './testing/web-process.ts'
import { putUpload } from './upload-route.ts'

/** A tenth of what the long form (`npm run bench -- fair`) puts before the neighbour's file. */
const FILES = 60
const ANSWERS_PER_ORGANISATION = 5
const CALLS = 20

let web: WebProcess
beforeAll(async () => {
  web = await startWebProcess({
    variables: {
      RUN_MAX_PER_USER: '100',
      RUN_MAX_PER_ORGANISATION: String(ANSWERS_PER_ORGANISATION),
      RATE_LIMIT_PER_HOUR: '40',
      RATE_LIMIT_PER_MINUTE: '100000',
      RATE_LIMIT_IP_PER_MINUTE: '100000',
    },
  })
})
afterAll(() => web.close())

const uploadAll = async (by: Credential & { cookie: string }, names: readonly string[]): Promise<void> => {
  const collections = await request('GET', 'collections.list', undefined, by)
  const [collection] = z
    .object({ result: z.object({ data: z.array(z.object({ id: z.string() })) }) })
    .parse(await collections.json()).result.data
  const files = names.map((path) => ({ path, sizeBytes: path.length }))
  const made = await change(createManyOutput, 'documents.createMany', by, { collectionId: collection?.id, files })
  for (const { ticket, path } of made) {
    const body = { method: 'PUT', cookie: by.cookie, body: path }
    const { status } = await putUpload(browserRequest(`/api/uploads/${ticket}?offset=0`, body), String(ticket))
    expect(status).toBe(200)
    await change(z.unknown(), 'documents.complete', by, { ticket })
  }
}

/** The organisations of the queue's next jobs, as graphile-worker takes them: by priority, then by time. */
const nextInLine = async (count: number): Promise<readonly string[]> => {
  const rows = await web.database.owner<{ org: string }[]>`
    select payload ->> 'orgId' as org from graphile_worker._private_jobs
    where is_available and run_at <= now() order by priority, run_at, id limit ${count}`
  return rows.map(({ org }) => org)
}
const organisationOf = async (email: string): Promise<string> => {
  const [row] = await web.database.owner<{ org: string }[]>`
    select m.organization_id as org from auth.member m join auth."user" u on u.id = m.user_id where u.email = ${email}`
  return row?.org ?? ''
}
const send = (by: Credential) =>
  request('POST', 'chat.send', { text: 'What is new?', idempotencyKey: randomUUID() }, by)

describe('check 33: a neighbour who takes all that there is', () => {
  it('stands behind the files of who has few, however many it has', async () => {
    const [loud, quiet] = [await signUp('Loud'), await signUp('Quiet')]
    await uploadAll(
      loud,
      Array.from({ length: FILES }, (_, i) => `heap/${i}.md`),
    )
    await uploadAll(quiet, ['one.md'])
    const line = await nextInLine(FILES)
    // Control: the heap was there before, and waits.
    const loudOrg = await organisationOf(loud.email)
    expect(line).toContain(loudOrg)
    expect(line.indexOf(await organisationOf(quiet.email))).toBeGreaterThanOrEqual(0)
    expect(line.indexOf(await organisationOf(quiet.email))).toBeLessThanOrEqual(2)
  })

  it('mutation: by the time at which they came, it would have stood behind all of them', async () => {
    const rows = await web.database.owner<{ org: string }[]>`
      select org_id::text as org from job_run where kind = 'document.process'
      order by created_at, id`
    const organisations = rows.map(({ org }) => org)
    expect(organisations).toHaveLength(FILES + 1)
    expect(organisations.indexOf(organisations.at(-1) ?? '')).toBe(FILES)
  })

  it('spends its own hour, and nobody else’s: all calls of the other one are answered', async () => {
    const [loud, quiet] = [await signUp('Loud'), await signUp('Quiet')]
    const statuses = []
    // A member of its own: what is refused is the organisation's.
    const member = await newMember(loud)
    for (let i = 0; i < 60; i++) statuses.push((await send(i % 2 === 0 ? loud : member)).status)
    expect(statuses).toContain(429)
    const answers = []
    for (let i = 0; i < CALLS; i++)
      answers.push((await request('GET', 'documents.list', { limit: 50, query: `${i}` }, quiet)).status)
    const asked = await send(quiet)
    expect([...new Set(answers), asked.status]).toEqual([200, 200])
    expect(
      sendOutput.safeParse(z.object({ result: z.object({ data: z.unknown() }) }).parse(await asked.json()).result.data)
        .success,
    ).toBe(true)
  })

  it('control: the loud one is let in as far as its own hour goes, and is told when to come back', async () => {
    const loud = await signUp('Loud')
    const first = await send(loud)
    let last = first
    for (let i = 0; i < 60 && last.status === 200; i++) last = await send(loud)
    expect([first.status, last.status]).toEqual([200, 429])
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0)
  })
})
