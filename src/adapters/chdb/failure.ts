// Errors of the front in the form that ClickHouse gives them, and the HTTP status that each has there.

/** ClickHouse's numbers for the refusals that the front makes itself. */
export const FRONT_CODES = {
  SYNTAX_ERROR: 62,
  UNKNOWN_FORMAT: 73,
  INCORRECT_DATA: 117,
  NOT_IMPLEMENTED: 48,
  READONLY: 164,
  ACCESS_DENIED: 497,
  UNKNOWN_DATABASE: 81,
  BAD_ARGUMENTS: 36,
  TOO_MANY_SIMULTANEOUS_QUERIES: 202,
  TOO_LARGE_STRING_SIZE: 131,
  AUTHENTICATION_FAILED: 516,
  REQUIRED_PASSWORD: 194,
  ABORTED: 236,
  UNKNOWN_EXCEPTION: 1002,
} as const;

/** An error with the number and the text by which a ClickHouse client knows it. */
export class EngineError extends Error {
  constructor(
    readonly clickhouseCode: number,
    /** `Code: 62. DB::Exception: ... (SYNTAX_ERROR)`. */
    readonly text: string,
  ) {
    super(text);
    this.name = 'EngineError';
  }
}

/** A refusal by the front itself. `reason` says what was found, what is expected and what to do. */
export function refusal(name: keyof typeof FRONT_CODES, reason: string): EngineError {
  const code = FRONT_CODES[name];
  return new EngineError(code, `Code: ${code}. DB::Exception: ${reason} (${name})`);
}

/** Whatever the engine threw, in ClickHouse's form. */
export function asEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const text = error instanceof Error ? error.message.trim() : String(error);
  const found = /^Code: (\d{1,5})\. DB::Exception: /.exec(text);
  if (found !== null) return new EngineError(Number(found[1]), text);
  return refusal('UNKNOWN_EXCEPTION', text);
}

const STATUS = new Map<number, number>([
  [FRONT_CODES.REQUIRED_PASSWORD, 401],
  [FRONT_CODES.AUTHENTICATION_FAILED, 403],
  [FRONT_CODES.READONLY, 403],
  [FRONT_CODES.ACCESS_DENIED, 403],
  [FRONT_CODES.NOT_IMPLEMENTED, 501],
  [FRONT_CODES.TOO_LARGE_STRING_SIZE, 413],
  [FRONT_CODES.TOO_MANY_SIMULTANEOUS_QUERIES, 503],
  [FRONT_CODES.ABORTED, 503],
  // Unknown table, database and column, as the server answers them.
  [60, 404],
  [FRONT_CODES.UNKNOWN_DATABASE, 404],
  [16, 404],
  [47, 404],
  [27, 400],
  [26, 400],
  [FRONT_CODES.BAD_ARGUMENTS, 400],
  [FRONT_CODES.SYNTAX_ERROR, 400],
  [FRONT_CODES.UNKNOWN_FORMAT, 400],
  [FRONT_CODES.INCORRECT_DATA, 400],
]);

/** The HTTP status for a ClickHouse error number; 500 for what has none of its own. */
export function httpStatus(clickhouseCode: number): number {
  return STATUS.get(clickhouseCode) ?? 500;
}
