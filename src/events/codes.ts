// The catalogue of error and reason codes: every refusal, limit and operator alert names one of these.

/** Code to the sentence that explains it and says what to do next. */
export const CODES = {
  // Arrival: why an event is refused. The dead-letter log keeps the original bytes.
  BODY_TOO_LARGE: 'The request body is over the limit; send fewer events per request.',
  BODY_NOT_JSON: 'The body or line is not JSON; send CloudEvents as JSON, a JSON array or NDJSON.',
  EVENT_ENVELOPE: 'The CloudEvents envelope is incomplete or malformed; see the field named.',
  EVENT_UNKNOWN_STREAM: 'The type is not fenghuo.<stream> of a known stream.',
  EVENT_DATA: 'The data does not fit the schema of its stream; see the field named.',
  EVENT_NO_KEY: 'The event names neither subject, device nor place; nothing can be supervised by it.',
  EVENT_USCC: 'The unified social credit code fails its check digit (GB 32100-2015).',
  EVENT_FUTURE: 'The event is dated more than five minutes after its arrival; check the sender clock.',
  EVENT_TOO_OLD: 'The reading is more than an hour old on arrival and is not marked as backfill.',
  EVENT_NUMBER: 'A whole number beyond 2^53 cannot be kept exactly; send identifiers as strings.',
  EVENT_NOT_REVOCABLE: 'Events of this stream cannot be revoked or amended.',
  // Expressions: found by the check, or carried as a value while one runs.
  EXPR_SYNTAX: 'The expression cannot be read; see the place named.',
  EXPR_NAME: 'The name is not known here; see the nearest valid name.',
  EXPR_FUNCTION: 'The function does not exist or takes other arguments; see its signature.',
  EXPR_TYPE: 'A value has another type or unit than the expression needs.',
  EXPR_REGEX: 'The regular expression is not RE2 syntax or is too large.',
  EXPR_CLOCK: 'now and since may stand only alone on one side of < <= > >=; else give the indicator every:.',
  EXPR_COST: 'The expression could take too long; use shorter lists, fewer macros or fewer terms.',
  EXPR_LIMIT: 'A list, a text or a nesting is over the limit of expressions.',
  EXPR_NUMBER: 'A number is too large to be computed with.',
  EXPR_RANGE: 'A position lies outside the text.',
  EXPR_CALENDAR: 'The calendar does not know this year; add its holiday notice.',
  EXPR_INTERNAL: 'An expression failed inside; report it with its source.',
} as const;

export type Code = keyof typeof CODES;
