import { redisScript } from '../../redis/script.ts'
import { VERSION_SCRIPTS } from '../../reads/version-scripts.ts'
import type { Mutation } from './world.ts'

const KEEP_ANYTHING = redisScript(`
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
for i = 2, #KEYS do redis.call('SET', KEYS[i], ARGV[i + 1], 'PX', ARGV[2]) end
return 1`)

const KEEP_WHENEVER = redisScript(`
for i = 2, #KEYS do
  local known = tonumber(redis.call('GET', KEYS[i]) or '-1')
  if known < tonumber(ARGV[i + 1]) then redis.call('SET', KEYS[i], ARGV[i + 1], 'PX', ARGV[2]) end
end
return 1`)

const PUBLISH_ANYTHING = redisScript(`
redis.call('SET', KEYS[1], (redis.call('GET', KEYS[1]) or '0') + 1)
for i = 2, #KEYS do
  if redis.call('EXISTS', KEYS[i]) == 1 then redis.call('SET', KEYS[i], ARGV[i + 2], 'PX', ARGV[3]) end
end
return 1`)

const PUBLISH_NOTHING = redisScript('return 1')

/** What makes the cache right, taken away one at a time. */
export const MUTATIONS = {
  'a late writer lowers a version (SET in place of SETMAX)': {
    scripts: { ...VERSION_SCRIPTS, keep: KEEP_ANYTHING, publish: PUBLISH_ANYTHING },
  },
  'the versions are read after the answer': { loadsFirst: true },
  'a version is kept though others were published meanwhile': { scripts: { ...VERSION_SCRIPTS, keep: KEEP_WHENEVER } },
  'the outbox is emptied, and nothing published': { scripts: { ...VERSION_SCRIPTS, publish: PUBLISH_NOTHING } },
  'rows are deleted before they are published': { forgetsFirst: true },
  'Redis is believed without a look at the outbox': { believesBlindly: true },
  'who has written does not say so': { isSilent: true },
  'another Redis is believed at once': { ignoresRecovery: true },
} as const satisfies Record<string, Mutation>
