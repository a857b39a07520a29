-- Single events go by the term of their stream, which a legal hold stops, and by nothing else: a TTL knows of no hold. It is made
-- one that deletes nothing, since taking a TTL away may not be said twice.
ALTER TABLE events_by_key MODIFY TTL toDateTime(time) + INTERVAL 10 YEAR DELETE WHERE 0
SETTINGS materialize_ttl_after_modify = 0;
