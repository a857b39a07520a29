-- Takes encrypted values of persons out of the vault and lays them aside, and counts that: who kept one a moment ago looks
-- at the count.
--
-- KEYS  persons (hash: pseudonym to encrypted record), aside (hash: pseudonym to `by:record`),
--       erasures (string: how often values were taken out)
-- ARGV  by whom, without a colon; then the pseudonyms
-- Returns for each: moved, aside where somebody set it aside before, absent.
local states = {}
for at = 2, #ARGV do
  local record = redis.call('HGET', KEYS[1], ARGV[at])
  if redis.call('HEXISTS', KEYS[2], ARGV[at]) == 1 then
    states[#states + 1] = 'aside'
  elseif not record then
    states[#states + 1] = 'absent'
  else
    redis.call('HSET', KEYS[2], ARGV[at], ARGV[1] .. ':' .. record)
    redis.call('HDEL', KEYS[1], ARGV[at])
    states[#states + 1] = 'moved'
  end
end
redis.call('INCR', KEYS[3])
return states
