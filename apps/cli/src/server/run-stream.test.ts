import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ERRORS, runId } from '@quarry/contracts'
import type { RunEventBody } from '@quarry/contracts'
import { initTRPC, tracked, TRPCError } from '@trpc/server'
import { nodeHTTPRequestHandler } from '@trpc/server/adapters/node-http'
import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { readEnv } from '../env.ts'
import { connect } from './connection.ts'
import { followRun } from './run-stream.ts'

const RUN = runId.parse('0197a3f0-0000-7000-8000-000000000001')
const BODIES: readonly RunEventBody[] = [
  { type: 'status', status: 'started' },
  { type: 'text', delta: 'one ' },
  { type: 'text', delta: 'two ' },
  { type: 'text', delta: 'three' },
  {
    type: 'end',
    state: 'complete',
    abstained: false,
    model: 'm',
    usage: { inputTokens: 1, outputTokens: 1, steps: 1 },
    timings: { firstTokenMs: 1, totalMs: 2 },
  },
]

interface Served {
  /** Ids of the events that the reader got. */
  readonly seen: number[]
  readonly connections: (string | null | undefined)[]
  readonly authorizations: (string | undefined)[]
  readonly connection: Awaited<ReturnType<typeof connect>>
  readonly abort: AbortController
}
const cleanUps: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(cleanUps.splice(0).map((cleanUp) => cleanUp()))
})

type Script = (
  connection: number,
) => (index: number) => RunEventBody | 'drop' | 'wait' | 'return' | 'refuse' | undefined

/** A real tRPC server over SSE whose every connection follows `script`: an event to send, or how to break off. */
const serve = async (script: Script): Promise<Served> => {
  const connections: (string | null | undefined)[] = []
  const authorizations: (string | undefined)[] = []
  const seen: number[] = []
  const t = initTRPC.context<{ request: IncomingMessage; response: ServerResponse }>().create({
    errorFormatter: ({ shape }) => ({
      ...shape,
      data: { ...shape.data, app: { code: 'not_found', ...ERRORS.not_found, requestId: 'req-1' } },
    }),
  })
  const router = t.router({
    chat: t.router({
      stream: t.procedure
        .input(z.object({ runId: z.string(), lastEventId: z.string().nullish() }))
        .subscription(async function* ({ input, ctx, signal }) {
          connections.push(input.lastEventId)
          authorizations.push(ctx.request.headers.authorization)
          const next = script(connections.length)
          for (let id = Number(input.lastEventId ?? 0) + 1; ; id += 1) {
            const step = next(id)
            if (step === undefined || step === 'return') return
            if (step === 'refuse') throw new TRPCError({ code: 'NOT_FOUND' })
            if (step === 'drop') {
              // Not before the reader has what was sent, so that it is clear where it has to go on.
              while (seen.length < id - 1) await new Promise((resolve) => setImmediate(resolve))
              ctx.request.socket.destroy()
            }
            if (step === 'drop' || step === 'wait') {
              if (signal !== undefined && !signal.aborted) await once(signal, 'abort')
              return
            }
            yield tracked(String(id), { id, attempt: 1, ...step })
          }
        }),
    }),
  })
  const server = createServer((request, response) => {
    const path = new URL(request.url ?? '', 'http://localhost').pathname.replace('/api/trpc/', '')
    void nodeHTTPRequestHandler({
      req: request,
      res: response,
      path,
      router,
      createContext: () => ({ request, response }),
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanUps.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  const abort = new AbortController()
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const connection = await connect(readEnv({ QUARRY_URL: url, QUARRY_API_KEY: 'qk_test' }, '/'), abort.signal)
  return { seen, connections, authorizations, connection, abort }
}

const collect = async ({ connection, seen }: Served): Promise<number[]> => {
  for await (const event of followRun(connection, RUN)) seen.push(event.id)
  return seen
}

describe('followRun', () => {
  it('gives every event up to the end, with the key', async () => {
    const served = await serve(() => (id) => BODIES[id - 1])
    expect(await collect(served)).toEqual([1, 2, 3, 4, 5])
    expect(served.authorizations).toEqual(['Bearer qk_test'])
  })

  it('goes on after the last event when the line drops, at every event', async () => {
    for (let cut = 1; cut <= BODIES.length; cut += 1) {
      const served = await serve((connection) => (id) => (connection === 1 && id === cut ? 'drop' : BODIES[id - 1]))
      expect(await collect(served)).toEqual([1, 2, 3, 4, 5])
      expect(served.connections.at(-1) ?? '0').toBe(String(cut - 1))
    }
  })

  it('goes on elsewhere when the server moves or just ends the stream', async () => {
    for (const ending of [{ type: 'move' } as const, 'return' as const]) {
      const served = await serve((connection) => (id) => (connection === 1 && id === 3 ? ending : BODIES[id - 1]))
      const ids = await collect(served)
      expect(ids.at(-1)).toBe(5)
      expect(new Set(ids).size).toBe(ids.length)
    }
  })

  it('ends at once where the run is not there', async () => {
    const served = await serve(() => () => 'refuse')
    await expect(collect(served)).rejects.toThrow(ERRORS.not_found.message)
    expect(served.connections.length).toBe(1)
  })

  it('ends when the person interrupts', async () => {
    const served = await serve(() => (id) => (id === 3 ? 'wait' : BODIES[id - 1]))
    const ids: number[] = []
    const reading = (async () => {
      for await (const event of followRun(served.connection, RUN)) {
        ids.push(event.id)
        if (event.id === 2) served.abort.abort(new Error('interrupted'))
      }
    })()
    await expect(reading).rejects.toThrow('interrupted')
    expect(ids).toEqual([1, 2])
  })
})
