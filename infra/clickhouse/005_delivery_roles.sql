-- Messages beside those of transitions, such as reminders and batches, go out in roles of their own.
ALTER TABLE deliveries MODIFY COLUMN IF EXISTS role LowCardinality(String);
