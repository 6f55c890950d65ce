import { randomUUID } from 'node:crypto'
import type { RedisLink } from '../redis/redis-link.ts'
import { redisScript } from '../redis/script.ts'
import type { ReadKeys } from './read-key.ts'

/**
 * How long one process computes an answer before the others go themselves: longer than any read that is worth keeping
 * takes (a slow search is one second), and shorter than the 5 s that a transaction has.
 */
export const LOCK_MS = 3_000
/** A larger answer holds up the others on the connection: at 1 Gbit/s it takes 4 ms. */
const LARGEST = 512 * 1024

/** KEYS: answer, lock. ARGV: token, milliseconds. The answer; or 1: to be computed by the asker; or 0: by somebody else. */
const CLAIM = redisScript(`
local answer = redis.call('GET', KEYS[1])
if answer then return answer end
if redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0`)

/** KEYS: lock. ARGV: token. */
const LOCK_ONLY = redisScript(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
return 0`)

/** KEYS: answer, lock. ARGV: token, answer, milliseconds. Who lost the lock meanwhile does not take another's away. */
const FILL = redisScript(`
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('DEL', KEYS[2]) end
return 1`)

/** KEYS: lock. ARGV: token. */
const RELEASE = redisScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`)

/** Holds the right to compute one answer, for LOCK_MS at most. */
export type Token = string

export const newToken = (): Token => randomUUID()

/** Answers in Redis, each computed by one process. All throw RedisUnavailable and error replies. */
export const createSharedAnswers = (link: RedisLink) => ({
  /** In one round trip, so that looking again after taking the lock is part of it. */
  claim: async ({ value, lock }: ReadKeys, token: Token): Promise<{ text: string } | 'claimed' | 'busy'> => {
    const reply = await link.run((redis) => CLAIM(redis, [value, lock], [token, LOCK_MS]))
    if (typeof reply === 'string') return { text: reply }
    return reply === 1 ? 'claimed' : 'busy'
  },
  /** What is there; nobody is kept from computing it. */
  look: ({ value }: ReadKeys): Promise<string | null> => link.run((redis) => redis.get(value)),
  /** To compute an answer that is there anew. Null: somebody else does. */
  lock: async ({ lock }: ReadKeys): Promise<Token | null> => {
    const token = newToken()
    return (await link.run((redis) => LOCK_ONLY(redis, [lock], [token, LOCK_MS]))) === 1 ? token : null
  },
  /** Keeps an answer, and gives the lock back; of a large one only the latter. */
  fill: async ({ value, lock }: ReadKeys, text: string, keepMs: number, token: Token | null): Promise<void> => {
    await link.run((redis) =>
      text.length > LARGEST
        ? RELEASE(redis, [lock], [token ?? ''])
        : FILL(redis, [value, lock], [token ?? '', text, Math.ceil(keepMs)]),
    )
  },
  release: async ({ lock }: ReadKeys, token: Token): Promise<void> => {
    await link.run((redis) => RELEASE(redis, [lock], [token]))
  },
})

export type SharedAnswers = ReturnType<typeof createSharedAnswers>
