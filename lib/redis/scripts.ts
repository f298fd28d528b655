import { RedisScript } from './redis-script.js';

/**
 * A delivery is a hash, which these scripts alone read and write:
 *
 *     done          it is completed; there is no other field then
 *     token, until  the owner of the claim, and when its lease ends
 *     kept          when progress is forgotten
 *     h:<id>        a handler that has finished
 *
 * Times are milliseconds of the server's clock. A lease that has run out leaves its owner in place for
 * a day, so that one who was merely slow, or paused, can still finish if nobody else has claimed.
 */
const DELIVERY = `
local key = KEYS[1]
local LATE = 24 * 3600 * 1000
local fields = redis.call('HMGET', key, 'done', 'token', 'until', 'kept')
local done, token, ends, kept = fields[1], fields[2], tonumber(fields[3]), tonumber(fields[4])

local function owns(owner) return token == owner end

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function finished()
  local handlers = {}
  if not kept then return handlers end
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 2) == 'h:' then handlers[#handlers + 1] = field end
  end
  return handlers
end

-- A claim may keep the hash for longer than its progress is to be remembered.
local function forget(now)
  if not kept or kept > now then return end
  redis.call('HDEL', key, 'kept', unpack(finished()))
  kept = nil
end

local function expire()
  local last = kept
  if ends then last = math.max(kept or 0, ends + LATE) end
  if last then redis.call('PEXPIREAT', key, last) end
end

local function add(first, now, retention)
  if #ARGV < first then return end
  kept = now + retention
  redis.call('HSET', key, 'kept', kept)
  for i = first, #ARGV do redis.call('HSET', key, 'h:' .. ARGV[i], 1) end
end
`;

const deliveryScript = (body: string): RedisScript => new RedisScript(DELIVERY + body);

/**
 * KEYS delivery; ARGV token, lease.
 *
 * Sent again by a client that lost the connection, it is the same claim.
 */
export const CLAIM = deliveryScript(`
if done then return {'completed'} end
local now = clock()
if token and token ~= ARGV[1] and ends > now then return {'in_progress', ends - now} end
forget(now)
local before = ends or 0
ends = now + ARGV[2]
redis.call('HSET', key, 'token', ARGV[1], 'until', ends)
expire()
return {'claimed', token or '', before, finished()}
`);

/** KEYS delivery; ARGV token, owner and end of lease as they were before. Takes a claim back. */
export const UNCLAIM = deliveryScript(`
if not owns(ARGV[1]) then return 0 end
redis.call('HDEL', key, 'token', 'until')
ends = nil
if ARGV[2] ~= '' then
  ends = tonumber(ARGV[3])
  redis.call('HSET', key, 'token', ARGV[2], 'until', ends)
end
expire()
return 1
`);

/** KEYS delivery; ARGV token, lease. */
export const RENEW = deliveryScript(`
if not owns(ARGV[1]) then return 0 end
ends = clock() + ARGV[2]
redis.call('HSET', key, 'until', ends)
expire()
return 1
`);

/** KEYS delivery; ARGV token, retention, handler ids. */
export const RECORD = deliveryScript(`
if not owns(ARGV[1]) then return 0 end
local now = clock()
forget(now)
add(3, now, ARGV[2])
expire()
return 1
`);

/**
 * KEYS delivery; ARGV token, retention.
 *
 * Deletes first: a Redis that is out of memory lets a script go on that has begun to write.
 */
export const COMPLETE = deliveryScript(`
if not owns(ARGV[1]) then return 0 end
redis.call('DEL', key)
redis.call('HSET', key, 'done', 1)
redis.call('PEXPIRE', key, ARGV[2])
return 1
`);

/** KEYS delivery; ARGV token, retention, handler ids. */
export const RELEASE = deliveryScript(`
if not owns(ARGV[1]) then return 0 end
local now = clock()
forget(now)
redis.call('HDEL', key, 'token', 'until')
ends = nil
add(3, now, ARGV[2])
expire()
return 1
`);

/** KEYS of MACs; ARGV id, retention. The id that any of them was first seen with, else this one. */
export const FIRST_ID = new RedisScript(`
local first, new = false, {}
for _, mac in ipairs(KEYS) do
  local id = redis.call('GET', mac)
  if id then first = first or id else new[#new + 1] = mac end
end
first = first or ARGV[1]
for _, mac in ipairs(new) do redis.call('SET', mac, first, 'PX', ARGV[2]) end
return first
`);
