// Which tags a subject must have: tags joined by && and ||, taken back by !, grouped by parentheses.

/** Says whether tags fulfil an expression. */
export type TagTest = (tags: ReadonlySet<string>) => boolean;

/** What to write where an expression of tags is expected. */
export const TAGS_FORM =
  'tags joined by && and ||, with ! before one that must not be there, such as 食品经营 && (燃气用户 || 特种设备)';

export type TagExpression =
  | {
      readonly ok: true;
      readonly test: TagTest;
      /** The tags that it names, each once. */
      readonly tags: readonly string[];
    }
  | { readonly ok: false; /** Counted from 1. */ readonly column: number; readonly message: string };

const LENGTH_MAX = 1_000;
const DEPTH_MAX = 20;
const TOKEN = /\s*(?:(&&|\|\||[!()])|"([^"]{1,100})"|([^\s&|!()"]{1,100}))/y;

interface Token {
  readonly column: number;
  /** An operator or parenthesis; `tag`; `end`. */
  readonly kind: string;
  readonly text: string;
}

class SyntaxFault extends Error {
  constructor(
    readonly column: number,
    message: string,
  ) {
    super(message);
  }
}

/** Reads an expression; tags that hold blanks or operators stand in double quotes. `&&` binds tighter than `||`. */
export function parseTags(text: string): TagExpression {
  try {
    if (text.length > LENGTH_MAX) throw new SyntaxFault(LENGTH_MAX, `more than ${LENGTH_MAX} characters`);
    const reader = new Reader(tokensOf(text));
    const test = reader.any(0);
    reader.take('end', 'an operator or the end');
    return { ok: true, test, tags: [...reader.tags] };
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return { ok: false, column: error.column, message: error.message };
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    const column = start + (/^\s*/.exec(text.slice(start))?.[0].length ?? 0) + 1;
    if (match === null)
      throw new SyntaxFault(column, `${JSON.stringify(text[column - 1])} is no tag and no operator`);
    const [, operator, quoted, plain] = match;
    tokens.push({ column, kind: operator ?? 'tag', text: operator ?? quoted ?? plain ?? '' });
  }
  return [...tokens, { column: end + 1, kind: 'end', text: '' }];
}

class Reader {
  readonly tags = new Set<string>();
  private place = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  any(depth: number): TagTest {
    const parts = [this.all(depth)];
    while (this.skip('||')) parts.push(this.all(depth));
    return (tags) => parts.some((part) => part(tags));
  }

  take(kind: string, expected: string): Token {
    const token = this.tokens[this.place] as Token;
    if (token.kind !== kind) {
      const found = token.kind === 'end' ? 'it ends' : `there is ${JSON.stringify(token.text)}`;
      throw new SyntaxFault(token.column, `${found} where ${expected} is expected`);
    }
    this.place += 1;
    return token;
  }

  private all(depth: number): TagTest {
    const parts = [this.one(depth)];
    while (this.skip('&&')) parts.push(this.one(depth));
    return (tags) => parts.every((part) => part(tags));
  }

  private one(depth: number): TagTest {
    if (depth > DEPTH_MAX) {
      throw new SyntaxFault((this.tokens[this.place] as Token).column, `more than ${DEPTH_MAX} levels deep`);
    }
    if (this.skip('!')) {
      const part = this.one(depth + 1);
      return (tags) => !part(tags);
    }
    if (this.skip('(')) {
      const part = this.any(depth + 1);
      this.take(')', 'an operator or )');
      return part;
    }
    const { text } = this.take('tag', 'a tag');
    this.tags.add(text);
    return (tags) => tags.has(text);
  }

  private skip(kind: string): boolean {
    if ((this.tokens[this.place] as Token).kind !== kind) return false;
    this.place += 1;
    return true;
  }
}
