// The part of the catalogue of codes that is about rules run over the past.

/** Why a run over history does not begin, or leaves something out. */
export const BACKTEST_CODES = {
  BACKTEST_NO_ARRIVAL:
    'The event says neither when it was recorded nor when it happened, so nothing says when it arrived.',
  BACKTEST_SORT_LIMIT: 'The events are out of order, and more than fit in memory would have to be sorted.',
  REPLAY_LIMIT: 'A replay has more warnings than can be compared; choose a shorter span, or fewer models.',
  OUTCOMES_FORMAT:
    'The file of outcomes is no table with the columns subject, time and kind, or a line of it cannot be read; see the line named.',
  EXPLAIN_EMPTY:
    'Nothing arrived up to that instant, so there is nothing to explain; name a later one, or other events.',
} as const;
