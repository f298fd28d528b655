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
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local LATE = 24 * 3600 * 1000

local function number(field) return tonumber(redis.call('HGET', key, field) or 0) end
local function owns(token) return redis.call('HGET', key, 'token') == token end

local function finished()
  local fields = {}
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 2) == 'h:' then fields[#fields + 1] = field end
  end
  return fields
end

local function expire()
  local ends = number('kept')
  local lease = number('until')
  if lease > 0 then ends = math.max(ends, lease + LATE) end
  if ends > 0 then redis.call('PEXPIREAT', key, ends) end
end

local function add(first, retention)
  if #ARGV < first then return end
  redis.call('HSET', key, 'kept', now + retention)
  for i = first, #ARGV do redis.call('HSET', key, 'h:' .. ARGV[i], 1) end
end

-- A claim may keep the hash for longer than its progress is to be remembered.
local kept = number('kept')
if kept > 0 and kept <= now then redis.call('HDEL', key, 'kept', unpack(finished())) end
`;

const deliveryScript = (body: string): RedisScript => new RedisScript(DELIVERY + body);

/**
 * KEYS delivery; ARGV token, lease.
 *
 * Sent again by a client that lost the connection, it is the same claim.
 */
export const CLAIM = deliveryScript(`
if redis.call('HEXISTS', key, 'done') == 1 then return {'completed'} end
local owner = redis.call('HGET', key, 'token') or ''
local ends = number('until')
if owner ~= '' and owner ~= ARGV[1] and ends > now then return {'in_progress', ends - now} end
redis.call('HSET', key, 'token', ARGV[1], 'until', now + ARGV[2])
expire()
return {'claimed', owner, ends, finished()}
`);

/** KEYS delivery; ARGV token, owner and end of lease as they were before. Takes a claim back. */
export const UNCLAIM = deliveryScript(`
if not owns(ARGV[1]) then return 0 end
redis.call('HDEL', key, 'token', 'until')
if ARGV[2] ~= '' then redis.call('HSET', key, 'token', ARGV[2], 'until', ARGV[3]) end
expire()
return 1
`);

/** KEYS delivery; ARGV token, lease. */
export const RENEW = deliveryScript(`
if not owns(ARGV[1]) then return 0 end
redis.call('HSET', key, 'until', now + ARGV[2])
expire()
return 1
`);

/** KEYS delivery; ARGV token, retention, handler ids. */
export const RECORD = deliveryScript(`
if not owns(ARGV[1]) then return 0 end
add(3, ARGV[2])
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
redis.call('HDEL', key, 'token', 'until')
add(3, ARGV[2])
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
