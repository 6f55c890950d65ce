import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it, onTestFinished } from 'vitest'
import { openTracing } from './open-tracing.ts'
import { closeTracing, isTracing, startTrace } from './tracer.ts'

/** The part of an OTLP request that is looked at. */
interface Sent {
  readonly resourceSpans: readonly { readonly scopeSpans: readonly { readonly spans: readonly SentSpan[] }[] }[]
}
interface SentSpan {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status: { readonly code?: number }
}

/** A collector that keeps what it is sent, as OTLP over HTTP writes it. */
const collect = async () => {
  const bodies: Sent[] = []
  const heads: { url: string | undefined; headers: IncomingHttpHeaders }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      heads.push({ url: request.url, headers: request.headers })
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as Sent)
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  const spans = () =>
    bodies.flatMap(({ resourceSpans }) =>
      resourceSpans.flatMap((each) => each.scopeSpans.flatMap((scope) => scope.spans)),
    )
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, bodies, heads, spans }
}
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

afterEach(closeTracing)

it('is nothing while nobody traces', () => {
  expect(isTracing()).toBe(false)
  expect(startTrace('a', 'server', null)).toBeUndefined()
})

it('goes on with the trace of whoever asks, and hands it on', async () => {
  const collector = await collect()
  await openTracing(
    { url: collector.url, headers: { authorization: 'Bearer k' }, serviceName: 'quarry-test', share: 1 },
    { build: 'b1', index: 2 },
  )
  const root = startTrace('documents.list', 'server', `00-${TRACE}-${PARENT}-01`)
  expect(root?.traceparent).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-01$`))
  const now = performance.now()
  root?.record('select document', 'client', { startedAt: now - 20, endedAt: now - 5 })
  const child = root?.child('invoke_agent', 'internal')
  root?.end()
  // An answer goes on after the request that asked for it.
  child?.record(
    'chat m',
    'client',
    { startedAt: now, endedAt: now + 1 },
    { 'gen_ai.request.model': 'm' },
    'model_unavailable',
  )
  child?.end('failed')
  const worker = startTrace('document.process', 'consumer', child?.traceparent ?? null)
  worker?.end()
  await closeTracing()
  const spans = collector.spans()
  expect(spans.map(({ name }) => name).toSorted()).toEqual(
    ['chat m', 'document.process', 'documents.list', 'invoke_agent', 'select document'].toSorted(),
  )
  expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
  const named = (name: string) => spans.find((span) => span.name === name)
  expect(named('documents.list')?.parentSpanId).toBe(PARENT)
  expect(named('invoke_agent')?.parentSpanId).toBe(named('documents.list')?.spanId)
  expect(named('chat m')?.parentSpanId).toBe(named('invoke_agent')?.spanId)
  expect(named('document.process')?.parentSpanId).toBe(named('invoke_agent')?.spanId)
  expect(named('chat m')?.status.code).toBe(2)
  const statement = named('select document')
  const tookNs = BigInt(statement?.endTimeUnixNano ?? 0) - BigInt(statement?.startTimeUnixNano ?? 0)
  expect(Number(tookNs) / 1e6).toBeCloseTo(15, 0)
  expect(Math.abs(Number(statement?.startTimeUnixNano) / 1e6 - Date.now())).toBeLessThan(60_000)
  expect(collector.heads[0]).toMatchObject({ url: '/v1/traces', headers: { authorization: 'Bearer k' } })
  expect(JSON.stringify(collector.bodies[0])).toContain('quarry-test')
})

it.each([
  '',
  'nonsense',
  `00-${'0'.repeat(32)}-${PARENT}-01`,
  `01-${TRACE}-${PARENT}-01`,
  `00-${TRACE}-${PARENT}-01-x`,
])('begins a trace of its own where the header is %j', async (traceparent) => {
  const collector = await collect()
  await openTracing({ url: collector.url, headers: {}, serviceName: 's', share: 1 }, { build: '', index: 0 })
  const span = startTrace('a', 'server', traceparent)
  expect(span?.traceparent).not.toContain(TRACE)
  span?.end()
  await closeTracing()
  expect(collector.spans()[0]?.parentSpanId ?? '').toBe('')
})

it('sends nothing of a trace that its beginner did not choose, and of none where the share is 0', async () => {
  const collector = await collect()
  await openTracing({ url: collector.url, headers: {}, serviceName: 's', share: 0 }, { build: '', index: 0 })
  startTrace('unchosen', 'server', `00-${TRACE}-${PARENT}-00`)?.end()
  startTrace('mine', 'server', null)?.end()
  startTrace('chosen', 'server', `00-${TRACE}-${PARENT}-01`)?.end()
  await closeTracing()
  expect(collector.spans().map(({ name }) => name)).toEqual(['chosen'])
})
