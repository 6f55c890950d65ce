import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { readObservability } from '@quarry/config'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createDrain } from '../entry/drain.ts'
import { createEntryPort } from './entry-parts.ts'
import { startObserving } from './observe/start-observing.ts'
import { startWebProcess, type WebProcess } from './testing/web-process.ts'

let web: WebProcess
beforeAll(async () => {
  web = await startWebProcess()
})
afterAll(async () => {
  globalThis.quarryObserved = undefined
  await web.close()
})

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

it('the port of the metrics says that a process leaves as soon as it is told to, long before it is gone', async () => {
  const number = await freePort()
  const observability = readObservability('web', { METRICS_PORT: String(number), PROCESS_INDEX: '0' })
  const port = createEntryPort()
  await startObserving(web.core, { ...web.env, observability }, port)
  const ready = async () => {
    const response = await fetch(`http://127.0.0.1:${number}/api/health/ready`)
    return [response.status, JSON.stringify(await response.json())]
  }
  expect(await ready()).toEqual([200, expect.stringContaining('"ok":true')])

  const server = { close: () => undefined, closeIdleConnections: () => undefined }
  const isThere = { ...port, settings: { ...port.settings, drainDelayMs: 60_000 } }
  const drain = createDrain(server, isThere, { answers: new Set(), streams: new Set() }, 1_000)
  const stopped = drain.stop()
  expect(await ready()).toEqual([503, expect.stringContaining('is shutting down')])
  expect((await fetch(`http://127.0.0.1:${number}/api/health/live`)).status, 'it lives').toBe(200)
  // It would wait for the balancer for a minute yet.
  expect(await stopped).toEqual({ inTime: false })
})
