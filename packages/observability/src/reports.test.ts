import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, onTestFinished } from 'vitest'
import { createLogger } from './logger.ts'
import { closeReports, openReports } from './reports.ts'
import { withRequestContext } from './request-context.ts'

/** Takes envelopes as Sentry does. */
const receive = async (status = 200) => {
  const envelopes: { url: string | undefined; headers: IncomingHttpHeaders; lines: string[] }[] = []
  const server = createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (part: string) => (body += part))
    request.on('end', () => {
      envelopes.push({ url: request.url, headers: request.headers, lines: body.split('\n') })
      response.writeHead(status, { 'retry-after': '60' }).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  return { dsn: `http://abc123@127.0.0.1:${(server.address() as AddressInfo).port}/sub/42`, envelopes }
}
const logger = createLogger({ name: 'test', destination: { write: () => undefined } })
const CANARY = 'the-secret-plan-of-alice'

afterEach(closeReports)

it('tells what failed and where, with the build, and nothing that an error quotes', async () => {
  const { dsn, envelopes } = await receive()
  openReports(dsn, { kind: 'web', build: 'build-7' })
  const error = Object.assign(new RangeError(`cannot parse ${CANARY}`, { cause: new Error(CANARY) }), { code: 'E_BAD' })
  error.stack = `RangeError: ${CANARY}\n    at ${CANARY} is here\n${(error.stack ?? '').split('\n').slice(1).join('\n')}`
  withRequestContext({ requestId: 'request-9', orgId: 'org' }, () =>
    logger.error({ err: error, question: CANARY, path: CANARY }, 'a call failed'),
  )
  await expect.poll(() => envelopes.length).toBe(1)
  const [{ url, headers, lines } = { url: '', headers: {}, lines: [] }] = envelopes
  expect(url).toBe('/sub/api/42/envelope/')
  expect(headers['x-sentry-auth']).toContain('sentry_key=abc123')
  expect(headers['content-type']).toBe('application/x-sentry-envelope')
  const [, item, event] = lines.map((line): Record<string, unknown> => JSON.parse(line))
  expect(item).toEqual({ type: 'event' })
  expect(event).toMatchObject({
    level: 'error',
    release: 'build-7',
    tags: { process: 'web', request_id: 'request-9' },
    exception: { values: [{ type: 'RangeError', value: 'a call failed (E_BAD)' }] },
  })
  expect(JSON.stringify(event)).toContain('reports.test.ts')
  expect(lines.join('')).not.toContain(CANARY)
  expect(lines.join('')).not.toContain('"org"')
})

it('is silent about what was foreseen, and stops for a while when it is told to', async () => {
  const { dsn, envelopes } = await receive(429)
  openReports(dsn, { kind: 'web', build: '' })
  logger.warn({ err: new Error('a') }, 'foreseen')
  logger.error(new Error('a'), 'first')
  await expect.poll(() => envelopes.length).toBe(1)
  // The answer is read in a turn of its own; from then on nothing is sent, so one report at most slips through.
  await expect
    .poll(async () => {
      const before = envelopes.length
      logger.error('another')
      await new Promise((resolve) => setTimeout(resolve, 100))
      return envelopes.length - before
    })
    .toBe(0)
})

it('refuses an address that is none', () => {
  expect(() => openReports('https://sentry.example/1', { kind: 'web', build: '' })).toThrow('SENTRY_DSN')
})
