// The words of a CEL expression, read without the parser that is being tested.

export type Token =
  | { readonly kind: 'text'; readonly text: string; readonly bytes: boolean }
  | { readonly kind: 'number'; readonly text: string }
  | { readonly kind: 'name'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'sign'; readonly text: string };

const BLANK = /(?:\s|\/\/[^\n]*)+/y;
const RAW_TEXT = /([rR][bB]?|[bB][rR])(?:"""[^]*?"""|'''[^]*?'''|"[^"]*"|'[^']*')/y;
const TEXT =
  /([bB]?)(?:"""(?:\\[^]|[^\\])*?"""|'''(?:\\[^]|[^\\])*?'''|"(?:\\[^]|[^"\\])*"|'(?:\\[^]|[^'\\])*')/y;
const NUMBER = /(?:0[xX][\da-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)[uU]?/y;
const NAME = /[A-Za-z_]\w*|`[^`]*`/y;
const SIGN = /&&|\|\||[<>=!]=|[^]/y;

/** Never fails: what is no word is a sign of its own. */
export function tokensOf(source: string): readonly Token[] {
  const tokens: Token[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (match !== null) at += match[0].length;
    return match;
  };
  while (at < source.length) {
    if (take(BLANK) !== null) continue;
    const text = take(RAW_TEXT) ?? take(TEXT);
    if (text !== null) {
      tokens.push({ kind: 'text', text: text[0], bytes: /b/i.test(text[1] ?? '') });
      continue;
    }
    const number = take(NUMBER);
    if (number !== null) {
      tokens.push({ kind: 'number', text: number[0] });
      continue;
    }
    const name = take(NAME);
    if (name !== null) tokens.push({ kind: 'name', text: name[0], quoted: name[0].startsWith('`') });
    else tokens.push({ kind: 'sign', text: take(SIGN)?.[0] ?? '' });
  }
  return tokens;
}

/** A call: `math.abs` with its prefix, `size` alone whether function or method. */
export interface Call {
  readonly name: string;
  readonly method: boolean;
  /** Arguments between the brackets, the receiver left out. */
  readonly count: number;
}

/** Names before a dot that are no values but part of a function's name. */
const PREFIXES = new Set(['math', 'cel', 'proto', 'optional', 'base64', 'strings']);

export function callsOf(tokens: readonly Token[]): readonly Call[] {
  const calls: Call[] = [];
  tokens.forEach((token, index) => {
    if (token.kind !== 'name' || token.quoted || !isSign(tokens[index + 1], '(')) return;
    const method = isSign(tokens[index - 1], '.');
    const before = tokens[index - 2];
    const prefix = method && before?.kind === 'name' && PREFIXES.has(before.text) ? before.text : undefined;
    calls.push({
      name: prefix === undefined ? token.text : `${prefix}.${token.text}`,
      method: method && prefix === undefined,
      count: argumentsAfter(tokens, index + 1),
    });
  });
  return calls;
}

export function isSign(token: Token | undefined, text: string): boolean {
  return token?.kind === 'sign' && token.text === text;
}

/** Counts from the opening bracket to the one that closes it. */
function argumentsAfter(tokens: readonly Token[], open: number): number {
  if (isSign(tokens[open + 1], ')')) return 0;
  let depth = 0;
  let count = 1;
  for (const token of tokens.slice(open)) {
    if (token.kind !== 'sign') continue;
    if ('([{'.includes(token.text)) depth++;
    else if (')]}'.includes(token.text) && --depth === 0) break;
    else if (token.text === ',' && depth === 1) count++;
  }
  return count;
}
