// Operators hear of errors of expressions: at once, then once an hour with the count, and of the last ones as well.
import { describe, expect, it } from 'vitest';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { OperatorAlert } from '../../src/engine/output.js';
import { Strata } from '../../src/engine/strata.js';
import { encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { Evaluate } from '../../src/pipeline/evaluate.js';
import { openLosingStores } from '../pipeline/losing-stores.js';
import { eventAt, HOUR, setOf, START, tickAt, turnTo } from './turns.js';

const MODEL = `scope: subject
indicators: { big: { from: complaint, where: 'double(event.category) > 2', count: '*', over: 1d } }
levels: { red: 'big > 5' }
`;
const rules = setOf({ 'sim/big': MODEL });
const MINUTE = 1 / 60;

/** A complaint whose category is no number. */
const faulty = (hours: number, key = 'a') =>
  eventAt(hours, 'complaint', { category: 'x' }, { key: `subject:${key}` });

const line = ({ clock, code, model, key, count, message }: OperatorAlert) =>
  `${(clock - START) / HOUR} ${code} ${model ?? ''} ${key ?? ''} ${count} ${message.split(':')[0] ?? ''}`;

/** The level that reads the figure fails with it, and says so as well. */
const isOfFigure = ({ message }: OperatorAlert) => message.startsWith('big: ');

function alertsOf(log: readonly LogRecord[], sets = [rules], ends = false): string[] {
  const alerts: string[] = [];
  const strata = new Strata(sets[0] ?? rules, {
    namespace: 'live',
    store: () => new MemoryKeyStore(),
    rulesOf: (revision) => sets.find((one) => one.revision === revision),
    emit: (output) => {
      if (output.kind === 'operator' && isOfFigure(output)) alerts.push(line(output));
    },
  });
  for (const [offset, record] of log.entries()) strata.step(record, offset);
  if (ends) strata.end();
  return alerts;
}

const FIRST = '0 EXPR_TYPE sim/big subject:a 1 big';

describe('errors of an expression', () => {
  const some = [faulty(0), faulty(10 * MINUTE, 'b'), faulty(20 * MINUTE, 'c')];

  it('that follow an alert are said an hour after it, with the first of them, although none comes later', () => {
    expect(alertsOf([...some, tickAt(300)])).toEqual([FIRST, '1 EXPR_TYPE sim/big subject:b 2 big']);
  });

  it('are said at the same instant whatever the ticks', () => {
    const ticks = Array.from({ length: 200 }, (_, index) => tickAt(20 * MINUTE + (index + 1) * MINUTE));
    expect(alertsOf([...some, ...ticks])).toEqual(alertsOf([...some, tickAt(300)]));
  });

  it('are not said before the clock of the log is there, and not twice', () => {
    expect(alertsOf([...some, tickAt(1 - 1e-6)])).toEqual([FIRST]);
    expect(alertsOf([...some, tickAt(1), tickAt(2), tickAt(3)])).toHaveLength(2);
  });

  it('that are left when a run ends are said at its end', () => {
    const ended = alertsOf([...some, tickAt(0.5)], [rules], true);
    expect(ended).toEqual([FIRST, '0.5 EXPR_TYPE sim/big subject:b 2 big']);
  });

  it('go on once an hour while they go on, and are said at once after a rest', () => {
    const log = [0, 0.5, 1.5, 2.5, 9].map((hours) => faulty(hours));
    expect(alertsOf([...log, tickAt(20)]).map((text) => text.split(' ')[0])).toEqual([
      '0',
      '1',
      '2',
      '3',
      '9',
    ]);
    const counts = alertsOf([...log, tickAt(20)]).map((text) => Number(text.split(' ')[4]));
    expect(counts.reduce((sum, count) => sum + count)).toBe(log.length);
  });

  it('of rules that are gone are said all the same', () => {
    const next = setOf({ 'sim/other': MODEL.replace('> 5', '> 6') });
    const log = [...some, turnTo(0.5, next), tickAt(300)];
    expect(alertsOf(log, [rules, next])).toContain('1 EXPR_TYPE sim/big subject:b 2 big');
  });
});

it('errors that were not said yet are said after a restart', async () => {
  const { logs, state } = openLosingStores();
  const log = [faulty(0), faulty(0.1, 'b'), faulty(0.2, 'c'), tickAt(0.5), tickAt(0.6), tickAt(2)];
  await logs.events.append(0, log.map(encodeRecord));
  let serial = 0;
  const common = { rules, logs, state, partition: 0, nonce: () => `n${serial++}`, probe: () => undefined };
  for (;;) {
    const evaluate = new Evaluate({ ...common, batch: 1, cachedKeys: 1 });
    await evaluate.open();
    if ((await evaluate.run()) === 0) break;
  }
  const alerts = (await logs.operator.read(0, 0, 100)).map(
    ({ value }) => decodeJson<{ alert: OperatorAlert }>(value).alert,
  );
  expect(alerts.filter(isOfFigure).map(line)).toEqual([FIRST, '1 EXPR_TYPE sim/big subject:b 2 big']);
});
