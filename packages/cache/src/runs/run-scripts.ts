import { redisScript } from '../redis/script.ts'

/**
 * Opens a log for an attempt. KEYS: events, meta. ARGV: attempt, the id that numbering comes after at least, milliseconds
 * to keep it. Answers the id that numbering comes after, or -1: the same or a newer attempt has it, or it has ended.
 * Events without their meta are nothing: Redis has dropped one key of two.
 */
export const openScript = redisScript(`
local attempt, after = tonumber(ARGV[1]), tonumber(ARGV[2])
local was, last, ended = unpack(redis.call('HMGET', KEYS[2], 'attempt', 'last', 'ended'))
if was then
  if tonumber(was) >= attempt or ended == '1' then return -1 end
else
  redis.call('DEL', KEYS[1])
  last = after
end
redis.call('HSET', KEYS[2], 'attempt', attempt, 'last', last, 'ended', 0)
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return math.max(tonumber(last), after)
`)

/**
 * Appends events, all or none. KEYS: events, meta. ARGV: attempt, the id that they come after, milliseconds to keep the
 * log, 1 where it ends with them, most events, then the events. Answers 1, or 0: a newer attempt has it, or it has ended,
 * or this was sent before what is there already. The writer has the numbers, because it goes on numbering while Redis is
 * away; what it could not append then is a gap, which readers see by the ids.
 */
export const appendScript = redisScript(`
local attempt, last = tonumber(ARGV[1]), tonumber(ARGV[2])
local was, there, ended = unpack(redis.call('HMGET', KEYS[2], 'attempt', 'last', 'ended'))
if was then
  if tonumber(was) > attempt or ended == '1' then return 0 end
  if tonumber(there) > last then
    if tonumber(was) == attempt then return 0 end
    redis.call('DEL', KEYS[1])
  end
else
  redis.call('DEL', KEYS[1])
end
for i = 6, #ARGV do
  last = last + 1
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[5], string.format('%d-0', last), 'a', attempt, 'e', ARGV[i])
end
redis.call('HSET', KEYS[2], 'attempt', attempt, 'last', last, 'ended', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
redis.call('PEXPIRE', KEYS[2], ARGV[3])
return 1
`)

/**
 * KEYS: events, meta. ARGV: the id that was read last, most entries. Answers the entries after it, as XRANGE does, or
 * nothing: the log is lost, or has not come so far.
 */
export const readScript = redisScript(`
local last = redis.call('HGET', KEYS[2], 'last')
if not last or tonumber(last) < tonumber(ARGV[1]) then return false end
return redis.call('XRANGE', KEYS[1], '(' .. ARGV[1] .. '-0', '+', 'COUNT', ARGV[2])
`)

/**
 * Which logs are lost for who waits for more of them. KEYS: events and meta of each. ARGV: the id that was read last of
 * each. Answers their places, from 1: without meta, not so far, or without events that must be there.
 */
export const lostScript = redisScript(`
local lost = {}
for i = 1, #ARGV do
  local last = tonumber(redis.call('HGET', KEYS[2 * i], 'last') or -1)
  local read = tonumber(ARGV[i])
  if last < read or (last > read and redis.call('EXISTS', KEYS[2 * i - 1]) == 0) then lost[#lost + 1] = i end
end
return lost
`)
