import type { RedisLink } from '@quarry/cache'
import type { HealthFinding } from '@quarry/contracts'

/** What Redis must evict by: keys that have a time, the longest unused first. Everything that may be lost has one. */
const EVICTION = 'volatile-lru'
/** The oldest whose scripts and commands are used here. */
const OLDEST_MAJOR = 7

const finding = (level: HealthFinding['level'], detail: string): HealthFinding => ({ name: 'redis', level, detail })

/** Whether Redis answers, and whether it is set as the product needs it. Never throws: nothing here stops the product. */
export const redisFindings = async (redis: RedisLink | null): Promise<HealthFinding[]> => {
  if (redis === null) return []
  let said: string
  try {
    // INFO and not CONFIG, which hosted Redis forbids.
    said = await redis.run((client) => client.info())
  } catch {
    return [
      finding(
        'warning',
        `does not answer (breaker ${redis.state}). Everything is served from the database, more slowly, and each web ` +
          'process holds its share of the limits; it is tried again by itself. Start Redis, or look at REDIS_URL.',
      ),
    ]
  }
  const settings = settingsOf(said)
  return [...versionFinding(settings), ...memoryFindings(settings)]
}

/** The `name:value` lines of INFO. */
const settingsOf = (info: string): ReadonlyMap<string, string> =>
  new Map([...info.matchAll(/^(\w+):(.*?)\r?$/gm)].map(([, name = '', value = '']) => [name, value]))

const versionFinding = (settings: ReadonlyMap<string, string>): HealthFinding[] => {
  // Valkey says 7.2.4 here, the Redis that it started from, and its own version elsewhere.
  const version = settings.get('redis_version') ?? '0'
  if (Number.parseInt(version, 10) >= OLDEST_MAJOR) return []
  return [finding('error', `is version ${version}; install Redis ${OLDEST_MAJOR} or Valkey 8, or newer.`)]
}

const memoryFindings = (settings: ReadonlyMap<string, string>): HealthFinding[] => {
  const policy = settings.get('maxmemory_policy')
  const found: HealthFinding[] = []
  if (policy !== undefined && policy !== EVICTION)
    found.push(
      finding(
        'warning',
        `drops keys by ${policy} when it is full, which loses more than a cache. Run: redis-cli config set maxmemory-policy ${EVICTION}`,
      ),
    )
  if (settings.get('maxmemory') === '0')
    found.push(
      finding(
        'warning',
        'may fill the memory of its machine: it has no maxmemory. Run: redis-cli config set maxmemory 256mb',
      ),
    )
  return found
}
