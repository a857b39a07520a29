-- Encrypted values of persons, each kept once: what is there already stays as it is, whoever came first.
--
-- KEYS  check (string: which master key the vault was begun with), persons (hash: pseudonym to encrypted record)
-- ARGV  the check value of the caller's master key; then pseudonym, record, pseudonym, record, ...
-- Returns 1, or 0 where the vault was begun with another master key; then nothing is written.
local check = redis.call('GET', KEYS[1])
if not check then
  redis.call('SET', KEYS[1], ARGV[1])
elseif check ~= ARGV[1] then
  return 0
end
for at = 2, #ARGV, 2 do
  redis.call('HSETNX', KEYS[2], ARGV[at], ARGV[at + 1])
end
return 1
