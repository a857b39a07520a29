-- When the harm came that a feedback confirms; the lead time of a model is counted from `raised` to it.
ALTER TABLE actions ADD COLUMN IF NOT EXISTS harm Nullable(DateTime64(3, 'UTC')) AFTER result;
