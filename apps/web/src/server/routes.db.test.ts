import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { newId } from '@quarry/db'
import { hashOfOrganisation } from '@quarry/db/testing'
import { me, type OrgId } from '@quarry/contracts'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { z } from 'zod'
import { ask, change, newMember, type Credential } from './testing/people.ts'
import {
  APP_FOLDER,
  ROUTES,
  routesOnDisk,
  unlistedRoutes,
  type RouteRow,
  type RouteScene,
} from './testing/route-table.ts'
import { signUp } from './testing/sign-up.ts'
import { browserRequest, startWebProcess, type WebProcess } from './testing/web-process.ts'
import { putUpload } from './upload-route.ts'

/** Words that stand nowhere else. */
const SECRETS = ['orchid', 'closed-plans.md', 'Board papers']

let web: WebProcess
let orgId: OrgId
let scene: RouteScene
let people: Record<'owner' | 'viewer' | 'outsider' | 'other', Credential>
const modules = new Map<string, object>()

beforeAll(async () => {
  web = await startWebProcess()
  for (const route of routesOnDisk()) {
    const module: unknown = await import(join(APP_FOLDER, route, 'route.ts'))
    modules.set(route, Object(module))
  }
  const owner = await signUp('Fernhollow')
  people = {
    owner,
    viewer: await newMember(owner, 'viewer'),
    outsider: await newMember(owner),
    other: await signUp('Marshland'),
  }
  orgId = (await ask(me, 'session.me', owner)).organisation.id
  const { id: collectionId } = await change(withId, 'collections.create', owner, {
    name: 'Board papers',
    visibility: 'restricted',
  })
  const text = 'The orchid is loud in these plans.'
  const versionId = await begin(collectionId, 'closed-plans.md', text.length)
  await put(versionId, text)
  await change(z.unknown(), 'documents.complete', owner, { ticket: versionId })
  const ticket = await begin(collectionId, 'begun-plans.md', 11)
  await put(ticket, 'The o')
  scene = { versionId, ticket }
})
afterAll(() => web.close())

const withId = z.looseObject({ id: z.string() })
const begin = async (collectionId: string, path: string, sizeBytes: number): Promise<string> => {
  const tickets = z.array(z.looseObject({ ticket: z.string() }))
  const [file] = await change(tickets, 'documents.createMany', people.owner, {
    collectionId,
    files: [{ path, sizeBytes }],
  })
  if (!file) throw new Error('no ticket was given')
  return file.ticket
}
const put = async (ticket: string, body: string): Promise<void> => {
  const response = await putUpload(browserRequest('/x?offset=0', { ...people.owner, method: 'PUT', body }), ticket)
  if (response.status !== 200) throw new Error(await response.text())
}

type Handler = (request: Request, route: string) => Promise<Response>

/** Calls what Next would call: the route's own export, with the parameters of its path. */
const callRoute: Handler = async (request, route) => {
  const handler: unknown = Reflect.get(modules.get(route) ?? {}, request.method)
  if (typeof handler !== 'function') throw new TypeError(`${request.method} ${route} is no handler`)
  const parts = new URL(request.url).pathname.slice(1).split('/')
  const names = route.split('/').flatMap((part, at) => {
    const name = /^\[(?:\.\.\.)?(\w+)\]$/.exec(part)?.[1]
    return name === undefined ? [] : [[name, parts[at]]]
  })
  const response: unknown = await Reflect.apply(handler, undefined, [
    request,
    { params: Promise.resolve(Object.fromEntries(names)) },
  ])
  if (!(response instanceof Response)) throw new TypeError(`${route} gave no answer`)
  return response
}

/** All that a caller is told, but for what names the request, and what the caller has left of the own limits. */
const answerOf = async (response: Response) => {
  const text = (await response.text()).replaceAll(/"requestId":"[^"]*"/g, '')
  const headers = [...response.headers].filter(([name]) => name !== 'x-request-id' && !name.startsWith('ratelimit'))
  return { status: response.status, headers: Object.fromEntries(headers), text }
}

type TenantRow = Extract<RouteRow, { kind: 'tenant' }>

const askFor = async (route: string, row: TenantRow, as: Credential | null, id: string, handle: Handler) => {
  const { path, init } = row.request(id)
  return answerOf(await handle(browserRequest(path, { ...init, ...as }), route))
}

/** A line for each thing that somebody gets who should get nothing, or that is done for them. */
const leaksOf = async (route: string, row: TenantRow, handle: Handler = callRoute): Promise<string[]> => {
  const leaks: string[] = []
  const before = await hashOfOrganisation(web.database, orgId)
  const { blobs } = web.core.deps
  const touched = [vi.spyOn(blobs, 'read'), vi.spyOn(blobs, 'appendUpload'), vi.spyOn(blobs, 'uploadOffset')]
  const id = row.id(scene)
  const stranger = await askFor(route, row, null, id, handle)
  if (stranger.status !== 401) leaks.push(`a stranger got ${stranger.status}`)
  for (const who of ['other', 'outsider', 'viewer'] as const) {
    const got = await askFor(route, row, people[who], id, handle)
    const expected = row.least === 'member' && who === 'viewer' ? 403 : 404
    if (got.status !== expected) leaks.push(`${who} got ${got.status}`)
    if (SECRETS.some((secret) => JSON.stringify(got).includes(secret))) leaks.push(`${who} was told a secret`)
    if (!isDeepStrictEqual(got, await askFor(route, row, people[who], newId(), handle)))
      leaks.push(`${who} can tell that there is something`)
  }
  if (touched.some((spy) => spy.mock.calls.length > 0)) leaks.push('the files were asked')
  for (const spy of touched) spy.mockRestore()
  if ((await hashOfOrganisation(web.database, orgId)) !== before) leaks.push('rows were written')
  return leaks
}

const ROWS = Object.entries(ROUTES).flatMap(([route, methods]) =>
  Object.entries(methods).map(([method, row]) => ({ route, method, row })),
)
const tenantRows = ROWS.flatMap(({ route, method, row }) => (row.kind === 'tenant' ? [{ route, method, row }] : []))

/** What a page may know of its process: which build it is, and whether it traces. */
const OF_NOBODY = [
  "import { runningBuild } from '../server/build.ts'\n",
  "import { isTracing } from '@quarry/observability'\n",
]
const readSource = (file: string): string => readFileSync(join(APP_FOLDER, file), 'utf8')

describe('check 1: every route below app/', () => {
  it('is in the table with each of its methods, and the table has no other', () => {
    expect(unlistedRoutes(modules)).toEqual([])
    expect(modules.size).toBeGreaterThan(4)
  })

  it('mutation: a route or a method that was added is noticed', () => {
    const folder = mkdtempSync(join(tmpdir(), 'quarry-routes-'))
    mkdirSync(join(folder, 'api', 'share', '[token]'), { recursive: true })
    writeFileSync(join(folder, 'api', 'share', '[token]', 'route.ts'), '')
    expect(routesOnDisk(folder)).toEqual(['api/share/[token]'])
    rmSync(folder, { recursive: true })
    const more = new Map(modules)
    more.set('api/share/[token]', { GET: () => new Response() })
    more.set('api/uploads/[ticket]', { ...more.get('api/uploads/[ticket]'), DELETE: () => new Response() })
    expect(unlistedRoutes(more).toSorted()).toEqual(['DELETE api/uploads/[ticket]', 'GET api/share/[token]'])
  })

  it('pages and layouts read nothing on the server, and nothing is a server action: there is no other way in', () => {
    const sources = readdirSync(APP_FOLDER, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.tsx'))
      .map((file) => ({ file, text: OF_NOBODY.reduce((text, line) => text.replace(line, ''), readSource(file)) }))
    expect(sources.length).toBeGreaterThan(10)
    expect(sources.filter(({ text }) => /server\/|@quarry\/(?!contracts)|'use server'/.test(text))).toEqual([])
  })

  it.each(tenantRows)(
    '$method $route tells others what a random id tells them, and touches nothing',
    async ({ route, row }) => {
      expect(await leaksOf(route, row)).toEqual([])
    },
  )

  it.each(ROWS.filter(({ row }) => row.kind === 'everybody'))(
    '$method $route tells everybody nothing of a tenant',
    async ({ route, method }) => {
      const before = await hashOfOrganisation(web.database, orgId)
      for (const as of [null, people.other]) {
        const path = `/${route.replace('[...all]', `get-session/${scene.versionId}`)}`
        const got = await answerOf(await callRoute(browserRequest(path, { ...as, method }), route))
        expect(SECRETS.filter((secret) => JSON.stringify(got).includes(secret))).toEqual([])
      }
      expect(await hashOfOrganisation(web.database, orgId)).toBe(before)
    },
  )

  it('mutation: a route that does not look who asks is noticed', async () => {
    const careless: Handler = (request, route) => {
      const headers = new Headers(request.headers)
      headers.set('cookie', 'cookie' in people.owner ? people.owner.cookie : '')
      return callRoute(new Request(request, { headers }), route)
    }
    const reading = tenantRows.filter(({ method }) => method !== 'PUT')
    const found: string[] = []
    for (const { route, row } of reading) {
      const leaks = await leaksOf(route, row, careless)
      expect(leaks).toContain('other got 200')
      found.push(...leaks)
    }
    expect(found).toContain('the files were asked')
  })

  // Last, because the upload ends here.
  it.each(tenantRows)('control: $method $route works for its owner', async ({ route, row }) => {
    const got = await askFor(route, row, people.owner, row.id(scene), callRoute)
    expect(got.status).toBe(200)
    expect(JSON.stringify(got.headers) + got.text).toContain(row.shows)
  })
})
