import { TOLERANCE_US } from './bucket-level.ts'

/** A key outlives the time at which its bucket is full by so much: rounding never drops one that is not. */
const MARGIN_MS = 1000

/**
 * Charges any number of buckets, all or none, by Redis's own clock. KEYS: one per bucket; ARGV: for each the
 * microseconds that it takes to refill and those that the call costs. A level is kept as two doubles, so that nothing is
 * rounded. Answers: place of the bucket that refuses (0: none), microseconds to wait, then those missing in each.
 */
export const TOKEN_BUCKET_SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local kept = redis.call('MGET', unpack(KEYS))
local missing, refusedBy, wait = {}, 0, 0
for i = 1, #KEYS do
  local refill, cost = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  missing[i] = 0
  if kept[i] and #kept[i] == 16 then
    local was, at = struct.unpack('>dd', kept[i])
    missing[i] = math.max(0, math.min(refill, was - math.max(0, now - at)))
  end
  local over = missing[i] + cost - refill
  if over > ${TOLERANCE_US} and over > wait then
    refusedBy = i
    wait = over
  end
end
local answer = { refusedBy, math.ceil(wait) }
for i = 1, #KEYS do
  local cost = tonumber(ARGV[2 * i])
  if refusedBy == 0 and cost ~= 0 then
    missing[i] = math.max(0, missing[i] + cost)
    redis.call('SET', KEYS[i], struct.pack('>dd', missing[i], now), 'PX', math.ceil(missing[i] / 1000) + ${MARGIN_MS})
  end
  answer[i + 2] = math.ceil(missing[i])
end
return answer
`
