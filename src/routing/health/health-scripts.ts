import { defineScript } from '../../redis/redis-script.js';

const NOW = `
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
`;

/**
 * Tells all instances, keeps it for those that come later, and ends the probe of the caller if there is one.
 *
 * KEYS: what is kept, the probe. ARGV: field, message, how long it holds in ms (0: it is over), topic, the caller's token.
 */
export const ANNOUNCE = defineScript(`${NOW}
local rest_ms = tonumber(ARGV[3])
if rest_ms > 0 then
  redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %s', now + rest_ms, ARGV[2]))
  if redis.call('PTTL', KEYS[1]) < rest_ms then redis.call('PEXPIRE', KEYS[1], rest_ms) end
else
  redis.call('HDEL', KEYS[1], ARGV[1])
end
if redis.call('GET', KEYS[2]) == ARGV[5] then redis.call('DEL', KEYS[2]) end
redis.call('PUBLISH', ARGV[4], ARGV[2])
return 1
`);

/** Reads what is kept and still holds. KEYS: what is kept. Returns pairs of a message and what is left of it in ms. */
export const RECALL = defineScript(`${NOW}
local kept = redis.call('HGETALL', KEYS[1])
local answer = {}
for i = 1, #kept, 2 do
  local until_ms, message = string.match(kept[i + 1], '^(%d+) (.*)$')
  local left_ms = until_ms and tonumber(until_ms) - now or 0
  if left_ms > 0 then
    answer[#answer + 1] = message
    answer[#answer + 1] = left_ms
  else
    redis.call('HDEL', KEYS[1], kept[i])
  end
end
return answer
`);

/** Claims a probe. KEYS: the probe. ARGV: the caller's token, lease in ms. Returns 1 when it is the caller's. */
export const CLAIM = defineScript(`
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) == ARGV[1] then return 1 end
return 0
`);

/** Gives a probe back. KEYS: the probe. ARGV: the caller's token. */
export const RELEASE = defineScript(`
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
`);
