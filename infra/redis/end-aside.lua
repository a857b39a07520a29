-- Ends that encrypted values of persons lie aside: they are dropped, or put back where nobody kept them anew since.
--
-- KEYS  aside (hash: pseudonym to `by:record`), persons (hash: pseudonym to encrypted record)
-- ARGV  `drop` or `back`; who set them aside, empty for whoever it was; then the pseudonyms
-- Returns those that were there.
local ended = {}
for at = 3, #ARGV do
  local held = redis.call('HGET', KEYS[1], ARGV[at])
  local colon = held and string.find(held, ':', 1, true)
  if colon and (ARGV[2] == '' or string.sub(held, 1, colon - 1) == ARGV[2]) then
    if ARGV[1] == 'back' then
      redis.call('HSETNX', KEYS[2], ARGV[at], string.sub(held, colon + 1))
    end
    redis.call('HDEL', KEYS[1], ARGV[at])
    ended[#ended + 1] = ARGV[at]
  end
end
return ended
