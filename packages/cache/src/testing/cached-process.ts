import { randomUUID } from 'node:crypto'
import type { RedisAdapter } from '@quarry/config'
import type { OrgId } from '@quarry/contracts'
import type { CachedRead } from '../cached-reads.ts'
import { createCachedReads } from '../reads/create-cached-reads.ts'
import { DRAIN_EVERY_MS } from '../reads/versions.ts'
import { openRedisLink, type RedisLinkOptions } from '../redis/open-redis-link.ts'
import type { RedisLink } from '../redis/redis-link.ts'
import type { VersionStore } from './version-store.ts'

/** A process of the product as far as the cache is concerned, on the clock of the machine: it drains, too. */
export const startCachedProcess = (
  store: VersionStore,
  adapter: RedisAdapter,
  { wrap = (link) => link, ...options }: RedisLinkOptions & { readonly wrap?: (link: RedisLink) => RedisLink } = {},
) => {
  const opened = openRedisLink(adapter, options)
  const link = wrap(opened)
  const outcomes: string[] = []
  const reads = createCachedReads({
    link,
    readVersions: store.readVersions,
    count: (_name, outcome) => outcomes.push(outcome),
  })
  let draining = Promise.resolve()
  const drain = async () => {
    try {
      store.forget(await reads.drain(store.readOutbox))
    } catch {
      // Redis is away: the rows stay.
    }
  }
  const timer = setInterval(() => {
    draining = drain()
  }, DRAIN_EVERY_MS)
  return {
    link: opened,
    reads,
    outcomes,
    stop: async () => {
      clearInterval(timer)
      await draining
      await reads.close()
      await link.close()
      await opened.close()
    },
  }
}

/** A question about one organisation's documents. */
export const questionOf = (orgId: OrgId, input: unknown = null): CachedRead => ({
  orgId,
  name: 'documents.list',
  sharedBy: '*',
  input,
  versions: [{ subjectId: orgId, tag: 'documents' }],
  ttlSeconds: 300,
  staleSeconds: 0,
})

export const newOrgId = (): OrgId => randomUUID() as OrgId
