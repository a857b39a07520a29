import { describe, expect, it } from 'vitest';
import { identifier, literal, planOf, setStatement } from '../../../src/adapters/chdb/statement.js';

describe('a canonical statement', () => {
  it.each([
    ['SELECT 1', 'read'],
    ['WITH 1 AS x SELECT x', 'read'],
    ['EXPLAIN SELECT 1', 'read'],
    ['SET a = 1', 'read'],
    ['CREATE TABLE IF NOT EXISTS t (`a` UInt8) ENGINE = Memory', 'write'],
    ['INSERT INTO t SELECT 1', 'write'],
    ['INSERT INTO t (a, b) WITH 1 AS x SELECT x, 2', 'write'],
    ['INSERT INTO t (a, b) FORMAT JSONEachRow', 'insert'],
    ['INSERT INTO t (`a SELECT `) SETTINGS x = 1 FORMAT JSONCompactEachRow', 'insert'],
  ])('%s is a %s', (canonical, kind) => {
    expect(planOf(canonical).kind).toBe(kind);
  });

  it.each([
    'INSERT INTO t FORMAT Values',
    'INSERT INTO t FORMAT CSV',
    "INSERT INTO t FROM INFILE 'x' FORMAT JSONEachRow",
    "INSERT INTO FUNCTION file('x', 'CSV') SELECT 1",
    "SELECT 'it\\'s' INTO OUTFILE 'x'",
  ])('%s is refused', (canonical) => {
    expect(() => planOf(canonical)).toThrow(/^Code: 48\./);
  });

  it('may speak of files in a text or a name', () => {
    expect(planOf("SELECT ' INTO OUTFILE \\' INTO OUTFILE ', ` INTO OUTFILE `").kind).toBe('read');
  });
});

describe('values in SQL', () => {
  it('are escaped', () => {
    expect(literal("a'b\\c\0")).toBe("'a\\'b\\\\c\\0'");
    expect(identifier('a`b\\')).toBe('`a\\`b\\\\`');
    expect(
      setStatement(
        new Map([
          ['a', "'"],
          ['b', '1'],
        ]),
      ),
    ).toBe("SET a = '\\'', b = '1'");
  });
});
