import { request as send } from 'node:http'
import { text } from 'node:stream/consumers'
import { Redis } from 'ioredis'
import type { TestRedis } from '@quarry/cache/testing'
import { answerRead } from '../reads/answer-read.ts'
import type { Credential } from './people.ts'
import { serveTrpc } from './served.ts'

/** What a caller is told, without what is another each time: the request's id, and how the bytes are framed. */
export interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** Who answers before the API's mount does; `answerRead` or what a test puts into its place. */
type AnswerRead = typeof answerRead

export interface Sent {
  readonly as?: Credential | null
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

const OF_THE_CONNECTION = ['connection', 'keep-alive', 'date', 'transfer-encoding', 'content-length']

const tell = async (port: number, target: string, { as = null, method = 'GET', headers = {} }: Sent): Promise<Told> => {
  const credential = as === null ? {} : 'cookie' in as ? { cookie: as.cookie } : as.headers
  const path = `/api/trpc/${target}`
  return new Promise((resolve, reject) => {
    send({ port, host: '127.0.0.1', path, method, headers: { ...credential, ...headers } }, (response) => {
      text(response).then(
        (body) =>
          resolve({
            ...{ status: response.statusCode ?? 0, headers: shownIn(response.headers) },
            body: body.replaceAll(/"requestId":"[\w-]{36}"/g, '"requestId":"…"'),
          }),
        reject,
      )
    })
      .on('error', reject)
      .end()
  })
}

const shownIn = (headers: NodeJS.Dict<string | string[]>): Record<string, string> => {
  const shown = Object.entries(headers).filter(([name]) => !OF_THE_CONNECTION.includes(name))
  return Object.fromEntries(
    shown.map(([name, value]) => [name, name === 'x-request-id' ? String(String(value).length) : String(value)]),
  )
}

/**
 * The API by itself, and behind what answers from what is kept: one process, one Redis, two ports.
 */
export const openBothWays = async (redis: TestRedis, first: AnswerRead = answerRead) => {
  let wasKept = false
  const alone = await serveTrpc()
  const behind = await serveTrpc(async (request, response) => (wasKept = await first(request, response)))
  const client = new Redis(redis.adapter.url)
  // A test may take Redis away; whoever asks for it then is told.
  client.on('error', () => undefined)
  const buckets = () => client.keys('*limit:*')

  return {
    /** What the mount says. */
    canonical: (target: string, sent: Sent = {}): Promise<Told> => tell(alone.port, target, sent),
    /** What whoever asks the product is told, and whether that is what was kept. One at a time. */
    ours: async (target: string, sent: Sent = {}): Promise<Told & { readonly wasKept: boolean }> => {
      const told = await tell(behind.port, target, sent)
      return { ...told, wasKept }
    },
    /** Fills every bucket. */
    refill: async (): Promise<void> => {
      const keys = await buckets()
      if (keys.length > 0) await client.del(...keys)
    },
    /** Seconds that refilling each bucket took when it was last charged, by key. */
    levels: async (): Promise<Record<string, number>> => {
      const keys = (await buckets()).toSorted()
      const levels = await Promise.all(keys.map((key) => client.getBuffer(key)))
      return Object.fromEntries(keys.map((key, i) => [key, (levels[i]?.readDoubleBE(0) ?? 0) / 1_000_000]))
    },
    close: async (): Promise<void> => {
      await Promise.all([alone.close(), behind.close()])
      client.disconnect()
    },
  }
}

export type BothWays = Awaited<ReturnType<typeof openBothWays>>
