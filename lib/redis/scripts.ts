import { RedisScript } from './redis-script.js';

/**
 * A call is a hash, which only these scripts read and write. Digests distinguish its deliveries:
 *
 *     f<key>   a delivery: the digests of the handlers that have finished, one after the other
 *     a<name>  a digest of an id, or of a further body, and the beginning of the key of its delivery
 *     c<key>   while claimed: when the lease ends, and the owner's token, as `until:token`
 *     n        the last fence
 *
 * All digests but the key are cut to 8 characters: they are compared within one call or one app only. Times are
 * milliseconds of the server's clock. A lease that has ended leaves its owner in place, so that a process that was
 * slow or paused can still record what it has done, if no other has claimed.
 */
const CALL = `
local key, token, body, name = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local SHORT, MAX_NAMES = 8, 16
local fields, byShort, anyKey, others = {}, {}, nil, 0
local all = redis.call('HGETALL', key)
for i = 1, #all, 2 do
  fields[all[i]] = all[i + 1]
  if string.sub(all[i], 1, 1) == 'f' then
    anyKey = string.sub(all[i], 2)
    byShort[string.sub(anyKey, 1, SHORT)] = anyKey
    others = others + 1
  end
end

-- The bytes are signed and the id is not, so the bytes decide first.
local found
if fields['f' .. body] then
  found = body
else
  local short = fields['a' .. string.sub(body, 1, SHORT)] or fields['a' .. name]
  found = short and byShort[short]
end

local function clock()
  local time = redis.call('TIME')
  return time[1] * 1000 + math.floor(time[2] / 1000)
end

local function claimOf(delivery)
  local claim = fields['c' .. delivery]
  if not claim then return nil, 0 end
  local colon = string.find(claim, ':', 1, true)
  return string.sub(claim, colon + 1), tonumber(string.sub(claim, 1, colon - 1))
end

local function finishedOf(delivery)
  local finished, set = fields['f' .. delivery] or '', {}
  for i = 1, #finished, SHORT do set[string.sub(finished, i, i + SHORT - 1)] = true end
  return finished, set
end

-- Without memory for a further name, the delivery is still known by the others.
local function remember(delivery)
  local short, count, new = string.sub(delivery, 1, SHORT), 0, {}
  for field, value in pairs(fields) do
    if string.sub(field, 1, 1) == 'a' and value == short then count = count + 1 end
  end
  local bodyName = string.sub(body, 1, SHORT)
  if body ~= delivery and not fields['a' .. bodyName] then new[1] = bodyName end
  if not fields['a' .. name] then new[#new + 1] = name end
  for i = 1, #new do
    if count < MAX_NAMES then redis.pcall('HSET', key, 'a' .. new[i], short) end
    count = count + 1
  end
end

-- The key lives as long as any delivery of the call is remembered, or a claim is held.
local function expire(delivery, now, span)
  if fields['f' .. delivery] then others = others - 1 end
  if others > 0 then span = math.max(span, redis.call('PTTL', key)) end
  for field, value in pairs(fields) do
    if string.sub(field, 1, 1) == 'c' then
      span = math.max(span, tonumber(string.match(value, '^%d+')) - now)
    end
  end
  redis.call('PEXPIRE', key, span)
end
`;

const callScript = (body: string): RedisScript => new RedisScript(CALL + body);

/**
 * KEYS call; ARGV token, body, id, 'delivery' or 'call', lease, retention, digests of handlers.
 *
 * Returns the positions of the digests that have finished. If a client that lost its connection sends it again, it
 * returns the same claim.
 */
export const CLAIM = callScript(`
if not found and ARGV[4] == 'call' then found = anyKey end
local delivery = found or body
local finished, set = finishedOf(delivery)
local places = {}
for i = 7, #ARGV do
  if set[ARGV[i]] then places[#places + 1] = i - 7 end
end
if #places == #ARGV - 6 then
  remember(delivery)
  return {'completed', delivery}
end
local now = clock()
local owner, ends = claimOf(delivery)
if owner and owner ~= token and ends > now then
  remember(delivery)
  return {'in_progress', ends - now}
end
local fence = math.max(tonumber(fields.n or 0) + 1, now)
fields['c' .. delivery] = (now + ARGV[5]) .. ':' .. token
redis.call('HSET', key, 'f' .. delivery, finished, 'c' .. delivery, fields['c' .. delivery], 'n', fence)
remember(delivery)
expire(delivery, now, tonumber(ARGV[6]))
return {'claimed', delivery, fence, unpack(places)}
`);

/**
 * KEYS call; ARGV token, key, id, fence, 'renew' and lease, or 'record' or 'end' and retention, digests of
 * handlers.
 *
 * A finished handler counts even if another owner holds the delivery. Returns 0 in that case, else 1.
 *
 * Deletes first: a Redis that is out of memory lets a script continue once it has begun to write.
 */
export const PROGRESS = callScript(`
local delivery = found or body
local owner = claimOf(delivery)
local isOwner = not owner or owner == token
local step, span, now = ARGV[5], tonumber(ARGV[6]), clock()
if step == 'renew' and not isOwner then return 0 end
local claim, left = 'c' .. delivery, redis.call('PTTL', key)
redis.call('HDEL', key, claim)
if step == 'renew' then fields[claim] = (now + span) .. ':' .. token end
if step == 'end' and isOwner then fields[claim] = nil end
if fields[claim] then redis.call('HSET', key, claim, fields[claim]) end
local finished, set = finishedOf(delivery)
for i = 7, #ARGV do
  if not set[ARGV[i]] then finished = finished .. ARGV[i] end
end
redis.call('HSET', key, 'f' .. delivery, finished, 'n', math.max(tonumber(fields.n or 0), tonumber(ARGV[4])))
remember(delivery)
expire(delivery, now, (step == 'renew' or not isOwner) and math.max(left, span) or span)
return isOwner and 1 or 0
`);
