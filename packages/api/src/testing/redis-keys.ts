import type { TestRedis } from '@quarry/cache/testing'
import { openRedisLink } from '@quarry/cache'

/** Looks at what is really in a Redis, and changes it behind the product's back. */
export const lookInto = async <T>(
  redis: TestRedis,
  work: (commands: {
    readonly all: () => Promise<Map<string, string>>
    readonly set: (key: string, text: string) => Promise<void>
    readonly flush: () => Promise<void>
  }) => Promise<T>,
): Promise<T> => {
  const link = openRedisLink(redis.adapter, { commandDeadlineMs: 10_000 })
  try {
    return await work({
      all: async () => {
        const names = await link.run((client) => client.keys('*'))
        // Buckets are hashes.
        const texts = await Promise.all(names.map((name) => link.run((client) => client.get(name)).catch(() => null)))
        return new Map(names.map((name, i) => [name, texts[i] ?? '']))
      },
      set: async (key, text) => void (await link.run((client) => client.set(key, text, 'KEEPTTL'))),
      flush: async () => void (await link.run((client) => client.flushall())),
    })
  } finally {
    await link.close()
  }
}
