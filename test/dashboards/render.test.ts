// Queries of dashboards as they reach the warehouse.
import { describe, expect, it } from 'vitest';
import { columnsOf, queryNames, queryText, render } from '../support/dashboard-query.js';

const SPAN = { from: 1_700_000_000_000, to: 1_700_003_600_000, interval: 60 };
const condition =
  "$__conditionalAll(a IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('${x:percentencode}'))), $x)";

describe('a query', () => {
  it('has its span and its interval put in', () => {
    const text =
      'SELECT $__timeInterval(hour) AS time WHERE $__timeFilter(at) AND d > $__fromTime AND d < $__toTime';
    expect(render(text, SPAN)).toBe(
      'SELECT toStartOfInterval(toDateTime(hour), INTERVAL 60 second) AS time WHERE at >= toDateTime(1700000000) AND ' +
        'at <= toDateTime(1700003600) AND d > toDateTime(1700000000) AND d < toDateTime(1700003600)',
    );
  });

  it('loses the condition on a variable that stands at All, and keeps it else', () => {
    expect(render(`WHERE ${condition} AND ${condition}`, SPAN)).toBe('WHERE 1=1 AND 1=1');
    const one = render(condition, { ...SPAN, chosen: { x: "a'\\" } });
    expect(one).toBe("a IN splitByChar(',', trim(BOTH '{}' FROM decodeURLComponent('a%27%5C')))");
    expect(render(condition, { ...SPAN, chosen: { x: ['a', 'b'] } })).toContain("'%7Ba%2Cb%7D'");
  });

  it('is refused where a format would let quotes through, or a macro is not known', () => {
    expect(() => render('${x:singlequote}', SPAN)).toThrow('not safe');
    expect(() => render('$__unknown(a)', SPAN)).toThrow('$__unknown');
    expect(() => render('$__conditionalAll(a, b, $x)', SPAN)).toThrow('a condition and a variable');
  });

  it('asks a question in its first line and names its columns, and puts no variable in otherwise', () => {
    expect(queryNames().length).toBeGreaterThan(30);
    for (const name of queryNames()) {
      const text = queryText(name);
      expect(columnsOf(text).length, name).toBeGreaterThan(0);
      for (const [used] of text.matchAll(/\$\{\w+(:\w+)?\}/g)) expect(used).toMatch(/:percentencode\}$/);
    }
  });

  it('asks all shards where it looks something up: a plain IN over a table on a cluster is refused', () => {
    for (const name of queryNames())
      expect(queryText(name), name).not.toMatch(/(?<!GLOBAL )\bIN\s*\(\s*SELECT/);
  });
});
