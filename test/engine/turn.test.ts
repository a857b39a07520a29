// Rules that change while they run.
import { describe, expect, it } from 'vitest';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import { PRIMING_ENTRIES_MAX } from '../../src/engine/limits.js';
import type { Output } from '../../src/engine/output.js';
import { Strata } from '../../src/engine/strata.js';
import type { LogRecord } from '../../src/events/event.js';
import { eventAt, HOUR, lines, run, setOf, START, tickAt, toldAfter, turnTo } from './turns.js';

const complaints = (over: string, levels: string, more = '') => `
scope: subject
indicators: { many: { from: complaint, count: '*', over: ${over} } }
levels: ${levels.replace(/many >= \d+/g, "'$&'")}
${more}`;

const six = (from: number) => [0, 1, 2, 3, 4, 5].map((hour) => eventAt(from + hour, 'complaint'));

describe('a change of rules', () => {
  it('leaves the warnings of models that did not change as they are', () => {
    const old = setOf({
      'a/one': complaints('2d', '{ orange: many >= 3 }'),
      'a/two': complaints('1d', '{ blue: many >= 9 }'),
    });
    const next = setOf({ 'a/one': complaints('2d', '{ orange: many >= 3 }') });
    const log = [...six(0), turnTo(10, next), eventAt(11, 'complaint'), tickAt(100)];
    expect(lines(run(log, [old, next]))).toEqual([
      '2 a/one a none->orange raised',
      '52 a/one a orange->none cleared',
    ]);
  });

  it('ends the warnings of a model that is gone, or of another scope, in the order of model and key', () => {
    const text = complaints('2d', '{ orange: many >= 1 }');
    const old = setOf({ 'a/one': text, 'a/two': text, 'a/three': text });
    const next = setOf({ 'a/three': text, 'a/two': text.replace('subject', 'place') });
    const log: LogRecord[] = [
      eventAt(0, 'complaint', {}, { key: 'subject:b' }),
      eventAt(0, 'complaint'),
      turnTo(1, next),
      tickAt(2),
    ];
    expect(lines(run(log, [old, next])).slice(6)).toEqual([
      '1 a/one a orange->none model-removed',
      '1 a/one b orange->none model-removed',
      '1 a/two a orange->none model-removed',
      '1 a/two b orange->none model-removed',
    ]);
  });

  it('takes effect first at its instant: what is earlier falls due under the old rules, what is there under the new', () => {
    const old = setOf({ 'a/one': complaints('10h', '{ blue: many >= 1 }') });
    const next = setOf({ 'a/one': complaints('10h', '{ yellow: many >= 1 }') });
    const before = [eventAt(0, 'complaint'), turnTo(11, next), tickAt(20)];
    expect(lines(run(before, [old, next]))).toEqual([
      '0 a/one a none->blue raised',
      '10 a/one a blue->none cleared',
    ]);
    const there = [eventAt(0, 'complaint'), turnTo(10, next), tickAt(20)];
    expect(lines(run(there, [old, next]))).toEqual([
      '0 a/one a none->blue raised',
      '10 a/one a blue->none cleared',
    ]);
    const after = [eventAt(0, 'complaint'), turnTo(9, next), tickAt(20)];
    expect(lines(run(after, [old, next]))).toEqual([
      '0 a/one a none->blue raised',
      '9 a/one a blue->yellow escalated',
      '10 a/one a yellow->none cleared',
    ]);
  });

  it('maps levels by their name', () => {
    const old = setOf({
      'a/one': complaints('10h', '{ red: many >= 5, orange: many >= 3, blue: many >= 1 }'),
    });
    const next = setOf({ 'a/one': complaints('10h', '{ orange: many >= 3, yellow: many >= 2 }') });
    const log = [
      eventAt(0, 'complaint'),
      eventAt(1, 'complaint'),
      eventAt(2, 'complaint'),
      turnTo(4, next),
      tickAt(30),
    ];
    expect(lines(run(log, [old, next]))).toEqual([
      '0 a/one a none->blue raised',
      '2 a/one a blue->orange escalated',
      '10 a/one a orange->yellow de-escalated',
      '11 a/one a yellow->none cleared',
    ]);
  });

  it('a level that is gone falls at the instant of the change', () => {
    const old = setOf({ 'a/one': complaints('10h', '{ orange: many >= 3, blue: many >= 1 }') });
    const next = setOf({ 'a/one': complaints('10h', '{ red: many >= 5, yellow: many >= 4 }') });
    const log = [...six(0).slice(0, 3), turnTo(4, next), tickAt(30)];
    expect(lines(run(log, [old, next])).at(-1)).toBe('4 a/one a orange->none cleared');
  });

  it('the same revision again, and a second end of the telling, change nothing', () => {
    const only = setOf({ 'a/one': complaints('2d', '{ orange: many >= 3 }') });
    const log: LogRecord[] = [
      turnTo(0, only),
      ...six(0),
      turnTo(7, only),
      { kind: 'primed', at: START + 8 * HOUR, epoch: 0 },
      tickAt(100),
    ];
    expect(lines(run(log, [only]))).toEqual([
      '2 a/one a none->orange raised',
      '51 a/one a orange->none cleared',
    ]);
  });

  it('rules that are not at hand stop the log', () => {
    const old = setOf({ 'a/one': complaints('2d', '{ orange: many >= 3 }') });
    const next = setOf({ 'a/one': complaints('3d', '{ orange: many >= 3 }') });
    expect(() => run([turnTo(0, next)], [old])).toThrow(/RULES_CHANGED|asks for/);
  });
});

describe('a new indicator', () => {
  const old = setOf({ 'a/one': complaints('1d', '{ orange: many >= 30 }') });
  const next = setOf({
    'a/one': complaints('1d', '{ orange: many >= 30 }'),
    'a/two': complaints('3d', '{ red: many >= 8, blue: many >= 3 }'),
  });

  it('is unknown until it is told of the history, then quiet, and a graver level that a live event causes is heard', () => {
    const log: LogRecord[] = [...six(0), turnTo(10, next)];
    log.push(
      tickAt(14),
      ...toldAfter(log, 6, [old, next], START + 20 * HOUR),
      eventAt(21, 'complaint'),
      eventAt(22, 'complaint'),
    );
    log.push(tickAt(30));
    expect(lines(run(log, [old, next]))).toEqual([
      '20 a/two a none->blue raised quiet',
      '22 a/two a blue->red escalated',
    ]);
  });

  it('what came live while it was unknown counts, and is heard', () => {
    const log: LogRecord[] = [...six(0).slice(0, 2), turnTo(10, next)];
    log.push(eventAt(11, 'complaint'), ...toldAfter(log, 2, [old, next], START + 20 * HOUR), tickAt(30));
    expect(lines(run(log, [old, next]))).toEqual(['20 a/two a none->blue raised']);
  });

  it('a key without history is known when all of it has been told', () => {
    const log: LogRecord[] = [eventAt(0, 'inspection', {}, { key: 'subject:z' }), turnTo(10, next)];
    log.push(...six(11), ...toldAfter(log, 1, [old, next], START + 20 * HOUR), tickAt(30));
    const said = lines(run(log, [old, next]));
    expect(said).toHaveLength(1);
    expect(said[0]).toBe('20 a/two a none->blue raised');
  });

  it('what is taken back before the history is told does not count', () => {
    const history = six(0).slice(0, 3);
    const log: LogRecord[] = [...history, turnTo(10, next)];
    const told = toldAfter(log, 3, [old, next], START + 20 * HOUR);
    log.push(eventAt(11, 'complaint', {}, { revokes: history[1]?.id ?? '' }), ...told, tickAt(30));
    expect(lines(run(log, [old, next]))).toEqual([]);
    log.push(eventAt(31, 'complaint'));
    expect(lines(run(log, [old, next]))).toEqual(['31 a/two a none->blue raised']);
  });

  it('a second telling of a key, and one of rules that were replaced since, change nothing', () => {
    const third = setOf({
      'a/two': complaints('3d', '{ red: many >= 8, blue: many >= 3 }'),
      'a/three': complaints('5d', '{ blue: many >= 20 }'),
    });
    const log: LogRecord[] = [...six(0), turnTo(10, next)];
    const told = toldAfter(log, 6, [old, next, third], START + 20 * HOUR);
    const twice = [...log, ...told.slice(0, -1), ...told, tickAt(30)];
    expect(lines(run(twice, [old, next]))).toEqual(['20 a/two a none->blue raised quiet']);
    const late: LogRecord[] = [...log, turnTo(15, third)];
    const again = toldAfter(late, 7, [old, next, third], START + 25 * HOUR);
    late.push(...told, tickAt(22), ...again, tickAt(30));
    expect(lines(run(late, [old, next, third]))).toEqual(['25 a/two a none->blue raised quiet']);
  });

  it('an identity that comes again after it was removed is told anew', () => {
    const log: LogRecord[] = [...six(0), turnTo(10, next)];
    log.push(
      ...toldAfter(log, 6, [old, next], START + 11 * HOUR),
      turnTo(12, old),
      eventAt(13, 'complaint'),
      eventAt(14, 'complaint'),
      turnTo(15, next),
    );
    const cut = log.length - 1;
    log.push(...toldAfter(log, cut, [old, next], START + 16 * HOUR), tickAt(20));
    expect(lines(run(log, [old, next]))).toEqual([
      '11 a/two a none->blue raised quiet',
      '12 a/two a blue->none model-removed quiet',
      '16 a/two a none->red raised quiet',
    ]);
  });

  it('of a wider scope hears of the history of its keys, and of what is taken back since', () => {
    const wide = setOf({
      'a/one': complaints('1d', '{ orange: many >= 30 }'),
      'a/region': complaints('3d', '{ red: many >= 8, blue: many >= 3 }').replace('subject', 'region'),
    });
    const home = eventAt(0, 'registration', { kind: 'enterprise', region: '330106' });
    const history = six(1).slice(0, 4);
    const log: LogRecord[] = [home, ...history, turnTo(10, wide)];
    const told = toldAfter(log, 5, [old, wide], START + 20 * HOUR);
    expect(lines(run([...log, ...told, tickAt(30)], [old, wide]))).toEqual([
      '20 a/region 330106 none->blue raised quiet',
    ]);
    const back = (hours: number, index: number) =>
      eventAt(hours, 'complaint', {}, { revokes: history[index]?.id ?? '' });
    expect(lines(run([...log, back(11, 0), back(12, 1), ...told, tickAt(30)], [old, wide]))).toEqual([]);
    expect(lines(run([...log, back(11, 0), ...told, back(21, 1), tickAt(30)], [old, wide]))).toEqual([
      '20 a/region 330106 none->blue raised quiet',
      '21 a/region 330106 blue->none withdrawn quiet',
    ]);
  });
});

describe('a new indicator over warnings', () => {
  const base = complaints('2d', '{ orange: many >= 3, blue: many >= 1 }');
  const joint = (over: string, from = 1, scope = 'subject') => `
scope: ${scope}
indicators: { open: { from: warning, where: 'event.level != "none"', count: '*', over: ${over} } }
levels: { red: 'open >= ${from}' }
`;
  const old = setOf({ 'a/one': base });
  const next = setOf({ 'a/one': base, 'a/joint': joint('9d') });
  const at = (hours: number) => eventAt(hours, 'complaint');
  const told = (log: LogRecord[], hours: number, sets = [old, next]) =>
    toldAfter(log, log.length - 1, sets, START + hours * HOUR);
  const jointly = (log: LogRecord[], sets = [old, next]) =>
    lines(run(log, sets)).filter((line) => line.includes('a/joint'));

  it('hears of a warning that stands, quietly, and is unknown until then', () => {
    const log: LogRecord[] = [at(0), turnTo(10, next)];
    log.push(...told(log, 20), tickAt(40));
    expect(jointly(log)).toEqual(['20 a/joint a none->red raised quiet']);
  });

  it.each([
    [true, ' quiet'],
    [false, ''],
  ])('that comes while the history is read is heard of, unless it is history (%s)', (backfill, quiet) => {
    const other = setOf({ 'a/one': complaints('8d', '{ blue: many >= 2 }') });
    const calm = setOf({ 'a/one': complaints('9d', '{ blue: many >= 9 }') });
    const more = backfill ? { backfill, time: START + 5 * HOUR } : {};
    for (const first of [[at(0)], []]) {
      const log: LogRecord[] = [...first, turnTo(10, other), eventAt(11, 'complaint', {}, more)];
      if (first.length === 0) log.push(eventAt(12, 'complaint', {}, more));
      log.push(...toldAfter(log, first.length, [calm, other], START + 20 * HOUR), tickAt(40));
      const raised = lines(run(log, [calm, other])).map((line) => line.replace(/^[\d.]+ /, ''));
      expect(raised).toEqual([`a/one a none->blue raised${quiet}`]);
    }
  });

  it('rises quietly with a warning that rises quietly at the same instant, for both were told of their history', () => {
    const gauge = (where: string) => `
scope: device
where: '${where}'
indicators: { high: { from: sensor-reading, max: 'event.value', over: 9d } }
levels: { red: 'high >= 10' }
`;
    const device = { key: 'device:d' } as const;
    const log: LogRecord[] = [
      eventAt(0, 'registration', { kind: 'enterprise' }),
      eventAt(0, 'registration', { kind: 'device', owner: 'a' }, device),
      eventAt(1, 'sensor-reading', { metric: 'm', value: 20 }, device),
    ];
    const alone = setOf({ 'a/gauge': gauge('device.kind == "device"'), 'a/joint': joint('9d') });
    // It reads its owner from now on, so both are of a higher stratum, and new.
    const owned = setOf({ 'a/gauge': gauge('subject.kind == "enterprise"'), 'a/joint': joint('9d') });
    const sets = [alone, owned];
    log.push(turnTo(10, owned));
    log.push(...toldAfter(log, 3, sets, START + 20 * HOUR), tickAt(40));
    const after = lines(run(log, sets)).filter((line) => line.startsWith('20 '));
    expect(after).toEqual(['20 a/gauge d none->red raised quiet', '20 a/joint a none->red raised quiet']);
    const reading = eventAt(15, 'sensor-reading', { metric: 'm', value: 30 }, device);
    const live = log.toSpliced(4, 0, reading);
    expect(lines(run(live, sets)).filter((line) => line.startsWith('20 '))).toEqual([
      '20 a/gauge d none->red raised',
      '20 a/joint a none->red raised',
    ]);
  });

  it('hears of one that ended before the change, for as long as the window holds it', () => {
    const all = setOf({
      'a/one': base,
      'a/joint': joint('9d').replace('where: \'event.level != "none"\', ', ''),
    });
    const log: LogRecord[] = [at(0), tickAt(60), turnTo(70, all)];
    log.push(...told(log, 80, [old, all]), tickAt(250));
    expect(jointly(log, [old, all])).toEqual([
      '80 a/joint a none->red raised quiet',
      '216 a/joint a red->none cleared quiet',
    ]);
  });

  it('counts the version that came while the history was read, and not the one before', () => {
    const graver = setOf({ 'a/one': base, 'a/joint': joint('9d', 2) });
    const log: LogRecord[] = [at(0), turnTo(10, graver), at(11), at(12)];
    log.push(...toldAfter(log, 1, [old, graver], START + 20 * HOUR), tickAt(40));
    expect(jointly(log, [old, graver])).toEqual([]);
    const once: LogRecord[] = [at(0), turnTo(10, next), at(11), at(12)];
    once.push(...toldAfter(once, 1, [old, next], START + 20 * HOUR), tickAt(60));
    expect(jointly(once)).toEqual(['20 a/joint a none->red raised', '60 a/joint a red->none cleared']);
  });

  it('does not count one that was withdrawn while the history was read', () => {
    const first = at(0);
    const log: LogRecord[] = [first, turnTo(10, next), eventAt(11, 'complaint', {}, { revokes: first.id })];
    log.push(...toldAfter(log, 1, [old, next], START + 20 * HOUR), tickAt(40));
    expect(jointly(log)).toEqual([]);
  });

  it('hears later versions of a warning that was raised when nobody read it, also in a wider scope', () => {
    const wide = setOf({ 'a/one': base, 'a/joint': joint('9d', 1, 'region') });
    const home = eventAt(0, 'registration', { kind: 'enterprise', region: '330106' });
    const log: LogRecord[] = [home, at(1), turnTo(10, wide)];
    const moved = eventAt(25, 'registration', { kind: 'enterprise', region: '330108' });
    log.push(...told(log, 20, [old, wide]), moved, tickAt(60));
    expect(jointly(log, [old, wide])).toEqual([
      '20 a/joint 330106 none->red raised quiet',
      '49 a/joint 330106 red->none cleared quiet',
    ]);
  });

  it('hears of what was raised, not of what the new rules would have raised', () => {
    const eager = setOf({ 'a/one': complaints('2d', '{ blue: many >= 1 }'), 'a/joint': joint('9d', 2) });
    const calm = setOf({ 'a/one': complaints('2d', '{ blue: many >= 2 }') });
    const log: LogRecord[] = [at(0), tickAt(60), at(61), turnTo(70, eager)];
    log.push(...told(log, 80, [calm, eager]), tickAt(90));
    expect(jointly(log, [calm, eager])).toEqual([]);
  });

  it('hears of the warnings of a model that the change removes', () => {
    const without = setOf({ 'a/other': complaints('1d', '{ blue: many >= 90 }'), 'a/joint': joint('9d') });
    const log: LogRecord[] = [at(0), turnTo(10, without)];
    log.push(...told(log, 20, [old, without]), tickAt(40));
    // It ended with the change, and a warning that has ended is at no level.
    expect(jointly(log, [old, without])).toEqual([]);
    const counted = setOf({
      'a/joint': joint('9d').replace('where: \'event.level != "none"\', ', ''),
      'a/other': base,
    });
    const again: LogRecord[] = [at(0), turnTo(10, counted)];
    again.push(...told(again, 20, [old, counted]), tickAt(40));
    expect(jointly(again, [old, counted])[0]).toBe('20 a/joint a none->red raised');
  });
});

describe('an indicator that waits for its history', () => {
  const indicator = (more: string) => `
scope: subject
indicators: { many: { from: complaint, count: '*', ${more} } }
levels: { blue: 'many >= 1' }
`;
  const NEVER = indicator('over: 1d').replace('complaint', 'inspection');
  const old = setOf({ 'a/one': NEVER });

  it.each([
    ['over: 1d', 'LIMIT_WINDOW', 24],
    ['over: 1d, every: 1h', 'LIMIT_PANES', 25],
  ])('%s: what it forgets of too many events is an error until it would have left', (more, code, hours) => {
    const next = setOf({ 'a/one': NEVER, 'a/two': indicator(more) });
    const log: LogRecord[] = [turnTo(0, next)];
    // The first is forgotten when one more than are remembered has come.
    for (let index = 0; index <= PRIMING_ENTRIES_MAX; index++) {
      log.push(eventAt(index === 0 ? 1 : 2, 'complaint', {}, { id: `w${index}` }));
    }
    log.push(
      ...toldAfter(log, 0, [old, next], START + 3 * HOUR),
      tickAt(3.5),
      eventAt(27, 'complaint'),
      tickAt(28),
    );
    const outputs: Output[] = [];
    const strata = new Strata(old, {
      namespace: 'live',
      store: () => new MemoryKeyStore(),
      rulesOf: (revision) => [old, next].find((one) => one.revision === revision),
      emit: (output) => outputs.push(output),
    });
    for (const [offset, record] of log.entries()) strata.step(record, offset);
    strata.end();
    const alerts = outputs.flatMap((one) => (one.kind === 'operator' && one.model === 'a/two' ? [one] : []));
    const limits = alerts.filter((one) => one.code.startsWith('LIMIT_'));
    expect(limits[0]).toMatchObject({ code, key: 'subject:a', clock: START + 3 * HOUR });
    const raised = outputs.flatMap((one) => (one.kind === 'transition' ? [one] : []));
    const [first] = raised.filter(({ model }) => model === 'a/two');
    expect((Number(first?.clock) - START) / HOUR).toBeGreaterThanOrEqual(hours);
  });
});
