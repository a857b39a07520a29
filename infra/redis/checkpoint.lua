-- One checkpoint of one consumer, all or nothing: a compare-and-set of sequence and nonce, and what changed with it.
--
-- KEYS  head (hash: sequence, nonce, meta), records (hash), names (sorted set of the records' keys), timers (sorted set)
-- ARGV  sequence and nonce that it builds on, its nonce, its meta; then four lists, each behind its length:
--       records set (key, value, key, value, ...), records deleted, timers cleared, timers set
-- Returns 1, or 0 where another checkpoint is stored.
local head = redis.call('HMGET', KEYS[1], 'sequence', 'nonce')
if (head[1] or '0') ~= ARGV[1] or (head[2] or '') ~= ARGV[2] then
  return 0
end

local at = 5
-- Applies a command to a list, a thousand words at a time: Lua's stack is bounded.
local function each(key, command, width, of)
  local count = tonumber(ARGV[at])
  at = at + 1
  local last = at + count * width
  while at < last do
    local words = {}
    local stop = math.min(at + 1000 * width, last)
    while at < stop do
      of(words)
      at = at + width
    end
    redis.call(command, key, unpack(words))
  end
end

local first = at
each(KEYS[2], 'HSET', 2, function(words)
  words[#words + 1] = ARGV[at]
  words[#words + 1] = ARGV[at + 1]
end)
at = first
each(KEYS[3], 'ZADD', 2, function(words)
  words[#words + 1] = '0'
  words[#words + 1] = ARGV[at]
end)
first = at
local function word(words)
  words[#words + 1] = ARGV[at]
end
each(KEYS[2], 'HDEL', 1, word)
at = first
each(KEYS[3], 'ZREM', 1, word)
each(KEYS[4], 'ZREM', 1, word)
each(KEYS[4], 'ZADD', 1, function(words)
  words[#words + 1] = '0'
  words[#words + 1] = ARGV[at]
end)

redis.call('HSET', KEYS[1], 'sequence', string.format('%.0f', tonumber(ARGV[1]) + 1), 'nonce', ARGV[3], 'meta', ARGV[4])
return 1
