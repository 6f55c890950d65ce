import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ERRORS, runId } from '@quarry/contracts'
import { afterEach, describe, expect, it } from 'vitest'
import { readEnv } from '../env.ts'
import { connect } from './connection.ts'
import { createPatience } from './patience.ts'
import { followRun } from './run-stream.ts'

const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

const refusal = (retryAfterSeconds: number) => ({
  error: {
    message: 'Enough.',
    code: -32_029,
    data: {
      app: {
        code: 'rate_limited',
        ...ERRORS.rate_limited,
        message: 'Enough.',
        requestId: 'r',
        details: { retryAfterSeconds },
      },
    },
  },
})
const END = {
  id: 1,
  attempt: 1,
  type: 'end',
  state: 'complete',
  abstained: false,
  model: 'm',
  usage: { inputTokens: 1, outputTokens: 1, steps: 1 },
  timings: { firstTokenMs: 1, totalMs: 2 },
}

/** A server that refuses each call so many times before it lets it through. */
const serve = async (refusals: number, retryAfterSeconds: number) => {
  const asked = new Map<string, number>()
  const server = createServer((request, response) => {
    request.resume()
    const paths = new URL(request.url ?? '', 'http://server').pathname.replace('/api/trpc/', '').split(',')
    const answers = paths.map((path) => {
      const count = (asked.get(path) ?? 0) + 1
      asked.set(path, count)
      return count > refusals ? { result: { data: [] } } : refusal(retryAfterSeconds)
    })
    const [first] = answers
    if (paths[0] === 'chat.stream' && first !== undefined && 'result' in first) {
      response.setHeader('content-type', 'text/event-stream')
      response.end(`event: connected\ndata: {}\n\nid: 1\ndata: ${JSON.stringify(END)}\n\n`)
      return
    }
    response.statusCode = first !== undefined && 'error' in first ? 429 : 200
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(paths[0] === 'chat.stream' ? first : answers))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  const notes: string[] = []
  const abort = new AbortController()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const connection = await connect(readEnv({ QUARRY_URL: url, QUARRY_API_KEY: 'qk_test' }, '/'), abort.signal, (line) =>
    notes.push(line),
  )
  return { connection, asked, notes, abort }
}

describe('a call that a limit refuses', () => {
  it('waits as long as the server says, tells the person once for all that wait, and succeeds', async () => {
    const { connection, asked, notes } = await serve(2, 0.01)
    const answers = await Promise.all([connection.api.collections.list.query(), connection.api.keys.list.query()])
    expect(answers).toEqual([[], []])
    expect(Object.fromEntries(asked)).toEqual({ 'collections.list': 3, 'keys.list': 3 })
    expect(new Set(notes)).toEqual(new Set(['Enough. Going on in 1 s.']))
    expect(notes.length).toBeLessThan(4)
  })

  it('that is a stream waits, too', async () => {
    const { connection, asked, notes } = await serve(2, 0.01)
    const ids: number[] = []
    for await (const event of followRun(connection, runId.parse('0197a3f0-0000-7000-8000-000000000001')))
      ids.push(event.id)
    expect(ids).toEqual([1])
    expect(asked.get('chat.stream')).toBe(3)
    expect(notes).toContain('Enough. Going on in 1 s.')
  })

  it('ends with what the server says where it would be too long', async () => {
    const { connection, asked, notes } = await serve(1, 3600)
    await expect(connection.api.collections.list.query()).rejects.toThrow('Enough.')
    expect(asked.get('collections.list')).toBe(1)
    expect(notes).toEqual([])
  })

  it('ends with the command', async () => {
    const { connection, notes, abort } = await serve(1, 60)
    const asking = connection.api.collections.list.query()
    await expect.poll(() => notes).toEqual(['Enough. Going on in 60 s.'])
    abort.abort(new Error('interrupted'))
    await expect(asking).rejects.toThrow()
  })
})

it('patience ends after five minutes of one call', async () => {
  const patience = createPatience(new AbortController().signal, () => undefined)
  expect(await patience.wait('Enough.', 1, 300_000)).toBe(false)
  expect(await patience.wait('Enough.', 1, 299_999)).toBe(true)
})
