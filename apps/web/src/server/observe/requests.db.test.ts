import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestObserver } from '../entry-port.ts'
import { PASSWORD, signUp } from '../testing/sign-up.ts'
import { browserRequest, startWebProcess, type WebProcess } from '../testing/web-process.ts'
import { handleTrpc } from '../trpc-mount.ts'
import { createRequestObserver } from './requests.ts'

const QUESTION = `canary-question-${randomUUID()}`
const lines: string[] = []
let web: WebProcess
let observer: RequestObserver
let cookie = ''

beforeAll(async () => {
  web = await startWebProcess({ log: (line) => void lines.push(line) })
  observer = createRequestObserver(web.core)
  cookie = (await signUp()).cookie
})
afterAll(() => web.close())

/** A call as the entry tells of it: begun, answered, over. */
const observed = async (path: string, init: Parameters<typeof browserRequest>[1] = {}) => {
  const requestId = randomUUID()
  const started = { requestId, method: 'GET', requestClass: 'api', procedures: path } as const
  observer.started?.(started)
  const query = `?input=${encodeURIComponent(JSON.stringify({ query: QUESTION }))}`
  const headers = { ...init.headers, 'x-quarry-request': requestId }
  const response = await handleTrpc(browserRequest(`/api/trpc/${path}${query}`, { ...init, headers }))
  const text = await response.text()
  observer.ended?.({
    ...{ ...started, status: response.status, durationMs: 12, bytesOut: text.length },
    ...{ isStream: false, by: 'route', aborted: false },
  })
  const line = lines.map((each): Record<string, unknown> => JSON.parse(each)).findLast(({ msg }) => msg === 'request')
  return { requestId, status: response.status, line }
}

describe('the line of a request', () => {
  it('says what it was, how it went and what it cost', async () => {
    const { requestId, line } = await observed('search.query', { cookie })
    expect(line).toMatchObject({
      ...{ level: 'info', requestId, procedure: 'search.query', outcome: 'ok', status: 200, by: 'route', ms: 12 },
      ...{ actor: 'user', limits: 'allowed', orgId: expect.any(String), actorId: expect.any(String) },
      ...{ statements: expect.any(Number), sqlMs: expect.any(Number), cache: expect.anything() },
    })
    expect(line?.['statements']).toBeGreaterThan(0)
  })

  it('tells a refusal and what nobody offers, by words of ours', async () => {
    expect((await observed('documents.list')).line).toMatchObject({ outcome: 'unauthenticated', status: 401 })
    expect((await observed('alice.secret')).line).toMatchObject({ procedure: 'other', outcome: 'not_found' })
  })

  it('has nothing of what was asked, nor a secret or an address, wherever something is logged meanwhile', async () => {
    await observed('search.query', { headers: { authorization: `Bearer qk_${'x'.repeat(30)}` } })
    await observed('search.query', { cookie, headers: { 'user-agent': `agent-${QUESTION}` } })
    web.core.deps.logger.warn({ question: QUESTION, cookie, password: PASSWORD }, 'a careless line')
    const log = lines.join('')
    expect(log).toContain('a careless line')
    const [secret = ''] = cookie
      .split('; ')
      .map((pair) => pair.slice(pair.indexOf('=') + 1))
      .filter(({ length }) => length > 20)
    expect(secret).not.toBe('')
    for (const canary of [QUESTION, encodeURIComponent(QUESTION), secret, PASSWORD, 'x'.repeat(30), '@quarry.test'])
      expect(log).not.toContain(canary)
  })

  it('is counted', async () => {
    const text = await web.core.deps.metrics.text()
    expect(text).toContain('quarry_http_request_duration_seconds_count{procedure="search.query",outcome="ok"} 2')
    expect(text).toContain('procedure="other",outcome="not_found"')
    expect(text).toMatch(/quarry_sql_duration_seconds_count\{statement="select app_enter"\} [1-9]/)
    expect(text).toMatch(/quarry_limit_decisions_total\{policy="user",decision="allowed"\} [1-9]/)
    expect(text).toMatch(/^quarry_pool_connections\{state="max"\} [1-9]/m)
    expect(text).toMatch(/^quarry_workers_alive 0$/m)
    expect(text).not.toContain(QUESTION)
  })
})
