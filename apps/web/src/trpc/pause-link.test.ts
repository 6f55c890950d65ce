import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { AppRouter } from '@quarry/api'
import { ERRORS, type AppErrorShape } from '@quarry/contracts'
import { createTRPCClient, httpBatchLink } from '@trpc/client'
import { describe, expect, it, onTestFinished } from 'vitest'
import { pauseLink } from './pause-link.ts'
import { createPauses } from './pauses.ts'

const LIMIT = 'You have reached your limit of 60 a minute.'
/** Shorter than a server ever says: the test waits for real. */
const WAIT_SECONDS = 0.02

const refused = (app: Partial<AppErrorShape>) => ({
  error: {
    message: LIMIT,
    code: -32029,
    data: { app: { code: 'rate_limited', ...ERRORS.rate_limited, message: LIMIT, requestId: 'r', ...app } },
  },
})
const REFUSED = refused({ details: { retryAfterSeconds: WAIT_SECONDS } })

/** A server that answers each batch of calls as `answer` says of each of them; `asked` has their paths, a list a request. */
const serve = async (answer: (path: string, nth: number) => object) => {
  const asked: string[][] = []
  const counts = new Map<string, number>()
  const server = createServer((request, response) => {
    const paths = new URL(request.url ?? '', 'http://server').pathname.slice(1).split(',')
    asked.push(paths)
    request.resume()
    response.setHeader('content-type', 'application/json')
    response.end(
      JSON.stringify(
        paths.map((path) => {
          const nth = (counts.get(path) ?? 0) + 1
          counts.set(path, nth)
          return answer(path, nth)
        }),
      ),
    )
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => server.close().closeAllConnections())
  const pauses = createPauses()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = createTRPCClient<AppRouter>({ links: [pauseLink(pauses), httpBatchLink({ url })] })
  return { client, pauses, asked }
}
const done = { result: { data: [] } }

describe('a call that a limit refuses', () => {
  it('is made again by itself until it is let through, and its reason is shown meanwhile', async () => {
    const { client, pauses, asked } = await serve((_, nth) => (nth < 4 ? REFUSED : done))
    const shown: (string | undefined)[] = []
    pauses.subscribe(() => shown.push(pauses.get()?.message))
    expect(await client.collections.list.query()).toEqual([])
    expect(asked).toHaveLength(4)
    expect(new Set(shown)).toEqual(new Set([LIMIT]))
    await expect.poll(() => pauses.get()).toBeNull()
  })

  it('holds up none of those that were sent with it', async () => {
    const { client, asked } = await serve((path, nth) => (path === 'keys.list' && nth === 1 ? REFUSED : done))
    const order: string[] = []
    await Promise.all([
      client.keys.list.query().then(() => order.push('keys')),
      client.collections.list.query().then(() => order.push('collections')),
    ])
    expect(order).toEqual(['collections', 'keys'])
    expect(asked).toEqual([['keys.list', 'collections.list'], ['keys.list']])
  })

  it('is not made when nobody waits for it any more', async () => {
    const { client, pauses, asked } = await serve(() => refused({ details: { retryAfterSeconds: 600 } }))
    const leaving = new AbortController()
    const asking = client.collections.list.query(undefined, { signal: leaving.signal })
    await expect.poll(() => pauses.get()).not.toBeNull()
    leaving.abort()
    await expect(asking).rejects.toThrow('abort')
    await expect.poll(() => pauses.get()).toBeNull()
    expect(asked).toHaveLength(1)
  })

  it('is told at once where waiting does not help', async () => {
    const off = { code: 'unavailable', details: { switchedOff: 'chat.answers', retryAfterSeconds: 60 } } as const
    const { client, pauses, asked } = await serve(() => refused(off))
    await expect(client.chat.send.mutate({ text: 'Why?', idempotencyKey: 'once-and-once-only' })).rejects.toThrow(LIMIT)
    expect(pauses.get()).toBeNull()
    expect(asked).toHaveLength(1)
  })
})
