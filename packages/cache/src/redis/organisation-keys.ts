import type { OrgId } from '@quarry/contracts'
import type { RedisLink } from './redis-link.ts'

/** Names looked through at a time: some tenths of a millisecond of the server, which does nothing else meanwhile. */
const NAMES_PER_LOOK = 1_000

/** Patterns of all keys that name an organisation; see key-patterns.ts for those that name none. */
const patternsOf = (orgId: OrgId): string[] => [`o:${orgId}:*`, `version:${orgId}:*`]

/**
 * Deletes every key of an organisation; returns how many there were. Keys that come while it looks may stay. Throws
 * RedisUnavailable where Redis is away: what has a time to live goes by itself then.
 */
export const removeOrganisationKeys = async (link: RedisLink, orgId: OrgId, signal?: AbortSignal): Promise<number> => {
  let removed = 0
  for (const pattern of patternsOf(orgId)) {
    let cursor = '0'
    do {
      signal?.throwIfAborted()
      const from = cursor
      const [next, names] = await link.run((redis) => redis.scan(from, 'MATCH', pattern, 'COUNT', NAMES_PER_LOOK))
      if (names.length > 0) removed += await link.run((redis) => redis.unlink(...names))
      cursor = next
    } while (cursor !== '0')
  }
  return removed
}
