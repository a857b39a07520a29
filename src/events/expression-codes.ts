// The part of the catalogue of codes that is about expressions: found by the check, or carried as a value while one runs.

/** What is wrong with an expression, or came of one. */
export const EXPRESSION_CODES = {
  EXPR_SYNTAX: 'The expression cannot be read; see the place named.',
  EXPR_NAME: 'The name is not known here; see the nearest valid name.',
  EXPR_FIELD: 'There is no such field; see the nearest one.',
  EXPR_LIST: 'There is no such list in catalogue/lists.yaml; see the nearest one.',
  EXPR_FUNCTION: 'The function does not exist or takes other arguments; see its signature.',
  EXPR_TYPE: 'A value has another type or unit than the expression needs.',
  EXPR_DURATION: 'A span of time is compared, or computed, with a plain number; say days(n) or hours(n).',
  EXPR_REGEX: 'The regular expression is not RE2 syntax or is too large.',
  EXPR_CLOCK:
    'now and since may stand only alone on one side of < <= > >=; elsewhere in an indicator with value: and every:, which samples them.',
  EXPR_COST: 'The expression could take too long; use shorter lists, fewer macros or fewer terms.',
  EXPR_LIMIT: 'A list, a text or a nesting is over the limit of expressions.',
  EXPR_NUMBER: 'A number is too large to be computed with.',
  EXPR_RANGE: 'A position lies outside the text.',
  EXPR_CALENDAR: 'The calendar does not know this year; add its holiday notice.',
  EXPR_INTERNAL: 'An expression failed inside; report it with its source.',
} as const;
