import { redisScript } from '../redis/script.ts'

/**
 * Versions in Redis: `version:<subject>:<tag>` holds the highest one that was told, for VERSION_TTL_MS. Two rules keep an
 * older one from ever taking its place:
 * - nothing lowers a version (SETMAX), and
 * - what a reader has found in Postgres is kept only if nothing was published since it asked Redis. Else this happens:
 *   it reads 5, stands still, 6 is committed, published, and lost by an eviction or FLUSHALL; and then it writes 5.
 * The sequence tells that. It has no expiry, so that `volatile-lru` leaves it alone; where it is lost all the same, the
 * new one starts at the server's microsecond, and is none that anybody holds.
 */
const SEQUENCE_KEY = 'version:sequence'

export const versionKey = (subjectId: string, tag: string): string => `version:${subjectId}:${tag}`

const NEW_SEQUENCE = `
local function newSequence(old)
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  return string.format('%.0f', math.max(now, (tonumber(old) or 0) + 1))
end`

/** KEYS: sequence, versions. Gives the sequence, then each version or nil. */
const READ = redisScript(`${NEW_SEQUENCE}
local sequence = redis.call('GET', KEYS[1])
if not sequence then
  sequence = newSequence()
  redis.call('SET', KEYS[1], sequence)
end
local found = { sequence }
for i = 2, #KEYS do found[i] = redis.call('GET', KEYS[i]) end
return found`)

/** KEYS: sequence, versions. ARGV: the sequence as it was read, milliseconds to keep, versions. Gives 1 where it kept them. */
const KEEP = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #KEYS do
  local known = tonumber(redis.call('GET', KEYS[i]) or '-1')
  if known < tonumber(ARGV[i + 1]) then redis.call('SET', KEYS[i], ARGV[i + 1], 'PX', ARGV[2]) end
end
return 1`)

/** KEYS: sequence, versions. ARGV: channel, message, milliseconds to keep, versions. What nobody asks for is not kept. */
const PUBLISH = redisScript(`${NEW_SEQUENCE}
redis.call('SET', KEYS[1], newSequence(redis.call('GET', KEYS[1])))
for i = 2, #KEYS do
  local known = tonumber(redis.call('GET', KEYS[i]) or 'none')
  if known and known < tonumber(ARGV[i + 2]) then redis.call('SET', KEYS[i], ARGV[i + 2], 'PX', ARGV[3]) end
end
redis.call('PUBLISH', ARGV[1], ARGV[2])
return 1`)

/** What the versions need of Redis; the model test puts broken ones in their place. */
export const VERSION_SCRIPTS = { sequenceKey: SEQUENCE_KEY, read: READ, keep: KEEP, publish: PUBLISH }

export type VersionScripts = typeof VERSION_SCRIPTS
