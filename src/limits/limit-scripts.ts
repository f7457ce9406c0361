import { defineScript } from '../redis/redis-script.js';
import { WINDOW_PARTS } from './sliding-window.js';

/**
 * `sliding-window.ts` in Lua. A window is some fields of a hash, told apart by the prefix `p`: `<p>s` the sum, `<p>h` the
 * last part something was counted in, `<p>0`... the parts. `read` changes nothing, so a refusal writes nothing.
 *
 * Redis' own clock counts, so instances may disagree about the time. Should it jump back by more than a window, counting
 * begins anew: a limit must not stay shut until that time has come again.
 */
const WINDOW = `
local SLOTS = ${WINDOW_PARTS + 1}

local function now_ms()
  local time = redis.call('TIME')
  return tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000)
end

local function read(key, p, part)
  local stored = redis.call('HMGET', key, p .. 's', p .. 'h')
  local window = { key = key, p = p, sum = tonumber(stored[1]) or 0, head = tonumber(stored[2]), part = part, gone = {} }
  if window.head and math.abs(part - window.head) >= SLOTS then
    for i = 0, SLOTS - 1 do window.gone[i + 1] = p .. i end
    window.sum = 0
    window.head = nil
  elseif window.head and part > window.head then
    local fields = {}
    for i = window.head + 1, part do fields[#fields + 1] = p .. (i % SLOTS) end
    for i, count in ipairs(redis.call('HMGET', key, unpack(fields))) do
      if count then
        window.sum = window.sum - tonumber(count)
        window.gone[#window.gone + 1] = fields[i]
      end
    end
  elseif window.head then
    window.part = window.head
  end
  return window
end

local function add(window, amount, window_ms)
  if amount == 0 then return end
  if #window.gone > 0 then redis.call('HDEL', window.key, unpack(window.gone)) end
  window.gone = {}
  window.sum = window.sum + amount
  window.head = window.part
  redis.call('HINCRBY', window.key, window.p .. (window.part % SLOTS), amount)
  redis.call('HSET', window.key, window.p .. 's', window.sum, window.p .. 'h', window.part)
  redis.call('PEXPIRE', window.key, 2 * window_ms)
end

local function reset_ms(window, part_ms, now)
  if window.sum == 0 or not window.head then return 0 end
  return math.ceil((window.head + SLOTS) * part_ms - now)
end

local function wait_ms(window, room, limit, part_ms, now)
  local excess = window.sum + room - limit
  if excess <= 0 then return 0 end
  if room > limit or not window.head then return -1 end
  local fields = {}
  local first = window.part - SLOTS + 1
  for part = first, window.part do fields[#fields + 1] = window.p .. (part % SLOTS) end
  local counts = redis.call('HMGET', window.key, unpack(fields))
  for i = 1, SLOTS do
    -- Parts after the last one counted in hold what has left the window by now.
    if first + i - 1 <= window.head then excess = excess - (tonumber(counts[i]) or 0) end
    if excess <= 0 then return math.ceil((first + i - 1 + SLOTS) * part_ms - now) end
  end
  return -1
end
`;

/**
 * Lets a request in or refuses it, for all subjects in one call.
 *
 * KEYS: of each subject its windows and its places. ARGV: tokens, ticket, lease of a place in ms, window in ms; of each
 * subject rpm, tpm and concurrency, 0 for none. Returns allowed (1 or 0), the part counted in, and of each subject
 * requests used, their reset and wait in ms, the same of tokens, and the places in use; -1 is a wait without end.
 */
export const ACQUIRE = defineScript(`${WINDOW}
local tokens, ticket, lease_ms, window_ms = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local now = now_ms()
local part_ms = window_ms / (SLOTS - 1)
local current = math.floor(now / part_ms)
local subjects = {}
local allowed = 1
for i = 1, #KEYS / 2 do
  local subject = { windows = KEYS[2 * i - 1], places = KEYS[2 * i], in_flight = 0 }
  subject.rpm, subject.tpm, subject.concurrency = tonumber(ARGV[3 * i + 2]), tonumber(ARGV[3 * i + 3]), tonumber(ARGV[3 * i + 4])
  if subject.rpm > 0 then
    subject.requests = read(subject.windows, 'r', current)
    if subject.requests.sum + 1 > subject.rpm then allowed = 0 end
  end
  if subject.tpm > 0 then
    subject.tokens = read(subject.windows, 't', current)
    if subject.tokens.sum + tokens > subject.tpm then allowed = 0 end
  end
  if subject.concurrency > 0 then
    subject.in_flight = redis.call('ZCOUNT', subject.places, '(' .. now, '+inf')
    if subject.in_flight + 1 > subject.concurrency then allowed = 0 end
  end
  subjects[i] = subject
end
local answer = { allowed, current }
for _, subject in ipairs(subjects) do
  if allowed == 1 then
    if subject.requests then add(subject.requests, 1, window_ms) end
    if subject.tokens then add(subject.tokens, tokens, window_ms) end
    if subject.concurrency > 0 then
      redis.call('ZREMRANGEBYSCORE', subject.places, '-inf', now)
      redis.call('ZADD', subject.places, now + lease_ms, ticket)
      redis.call('PEXPIRE', subject.places, lease_ms)
    end
  end
  for _, window in ipairs({ { subject.requests, 1, subject.rpm }, { subject.tokens, tokens, subject.tpm } }) do
    if window[1] then
      answer[#answer + 1] = window[1].sum
      answer[#answer + 1] = reset_ms(window[1], part_ms, now)
      answer[#answer + 1] = allowed == 1 and 0 or wait_ms(window[1], window[2], window[3], part_ms, now)
    else
      for _ = 1, 3 do answer[#answer + 1] = 0 end
    end
  end
  answer[#answer + 1] = subject.in_flight
end
return answer
`);

/**
 * Ends a request: frees its places and corrects its tokens.
 *
 * KEYS: as for ACQUIRE. ARGV: ticket, difference of the tokens, part they were counted in, window in ms; of each subject 1
 * when it counts tokens, else 0.
 */
export const FINISH = defineScript(`${WINDOW}
local ticket, difference, counted_in, window_ms = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local current = math.floor(now_ms() / (window_ms / (SLOTS - 1)))
for i = 1, #KEYS / 2 do
  redis.call('ZREM', KEYS[2 * i], ticket)
  if difference ~= 0 and ARGV[4 + i] == '1' then
    local window = read(KEYS[2 * i - 1], 't', current)
    if difference > 0 then
      add(window, difference, window_ms)
    elseif window.head and counted_in <= window.head and window.part - counted_in < SLOTS then
      local field = 't' .. (counted_in % SLOTS)
      local given = math.min(-difference, tonumber(redis.call('HGET', window.key, field)) or 0)
      redis.call('HINCRBY', window.key, field, -given)
      redis.call('HINCRBY', window.key, 'ts', -given)
    end
  end
end
return 1
`);

/**
 * Keeps the places of requests that are still running, also after Redis has forgotten them. KEYS: places. ARGV: lease in
 * ms, and the ticket of each place.
 */
export const TOUCH = defineScript(`
local time = redis.call('TIME')
local expires_at = tonumber(time[1]) * 1000 + math.floor(tonumber(time[2]) / 1000) + tonumber(ARGV[1])
for i, key in ipairs(KEYS) do
  redis.call('ZADD', key, expires_at, ARGV[1 + i])
  redis.call('PEXPIRE', key, ARGV[1])
end
return 1
`);

/**
 * Counts a hit when there is room for it. KEYS: windows. ARGV: limit, window in ms, 1 to count or 0 to look. Returns the hits
 * so far, whether there was room (1 or 0), the wait in ms and the reset in ms.
 */
export const HIT = defineScript(`${WINDOW}
local limit, window_ms = tonumber(ARGV[1]), tonumber(ARGV[2])
local now = now_ms()
local part_ms = window_ms / (SLOTS - 1)
local window = read(KEYS[1], 'h', math.floor(now / part_ms))
local has_room = window.sum < limit and 1 or 0
if has_room == 1 and ARGV[3] == '1' then add(window, 1, window_ms) end
local wait = has_room == 1 and 0 or wait_ms(window, 1, limit, part_ms, now)
return { window.sum, has_room, wait, reset_ms(window, part_ms, now) }
`);
