import { once } from 'node:events'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { TRPCClientError } from '@trpc/client'
import { describe, expect, it } from 'vitest'
import { explainFailure, isTransient } from './errors.ts'

const URL = 'http://127.0.0.1:3000'
const fromServer = (code: string, message = 'Message.', action = 'Action.', details?: Record<string, unknown>) =>
  TRPCClientError.from({
    error: { code: -32_600, message, data: { app: { code, message, action, requestId: 'req-1', details } } },
  })

describe('explainFailure', () => {
  it('says how to start a server that is not running', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    const error: unknown = await fetch(`http://127.0.0.1:${port}`).catch((reason: unknown) => reason)
    expect(explainFailure(TRPCClientError.from(error as Error), URL).message).toBe(
      'Quarry is not running at http://127.0.0.1:3000. Start it with: npm start',
    )
    expect(isTransient(error)).toBe(true)
  })

  it('tells a deadline that has passed from other errors', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const request = fetch(`http://127.0.0.1:${port}`, { signal: AbortSignal.timeout(20) })
    const error = TRPCClientError.from((await request.catch((reason: unknown) => reason)) as Error)
    server.close()
    expect(explainFailure(error, URL).message).toBe(
      'http://127.0.0.1:3000 did not answer in time. Try again in a moment.',
    )
    expect(isTransient(error)).toBe(true)
  })

  it("gives the server's own sentence and advice, on one line", () => {
    expect(explainFailure(fromServer('forbidden', 'You may\nnot.', 'Ask an admin.'), URL).message).toBe(
      'You may not. Ask an admin.',
    )
  })

  it('names the request of an internal error', () => {
    expect(explainFailure(fromServer('internal'), URL).message).toBe('Message. Action. (request req-1)')
  })

  it('tells a refused key from other errors', () => {
    expect(explainFailure(fromServer('unauthenticated'), URL).message).toMatch(/refused the API key/u)
  })

  it('keeps whatever else happened to one line', () => {
    expect(explainFailure(new Error('first\n  second'), URL).message).toBe('first second')
  })
})

describe('isTransient', () => {
  it('repeats only what may pass', () => {
    expect(isTransient(fromServer('unavailable'))).toBe(true)
    expect(isTransient(fromServer('rate_limited'))).toBe(true)
    expect(isTransient(fromServer('forbidden'))).toBe(false)
    expect(isTransient(fromServer('internal'))).toBe(false)
    expect(isTransient(new Error('a bug'))).toBe(false)
    expect(isTransient(fromServer('unavailable', 'Off.', 'Ask.', { switchedOff: 'chat.answers' }))).toBe(false)
  })
})
