-- Erases the encrypted value of a person, wherever it lies, and counts that: who kept it a moment ago looks at the count.
--
-- KEYS  persons and aside (hash: pseudonym to encrypted record), erasures (string: how often values were taken out)
-- ARGV  the pseudonym
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('HDEL', KEYS[2], ARGV[1])
return redis.call('INCR', KEYS[3])
