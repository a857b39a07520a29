// A warning whose figures are kept in panes names these, and single events where they can be taken back.
import { describe, expect, it } from 'vitest';
import type { LogRecord } from '../../src/events/event.js';
import { DAY, eventAt, HOUR, run, setOf, START } from './turns.js';

const model = (scope: string, indicators: string, level: string) => `
scope: ${scope}
indicators:
  many: { ${indicators} }
  exact: { from: registration, count: '*', over: 1d }
levels: { blue: '${level}' }
`;

/** Midnight in Shanghai before the first instant. */
const MIDNIGHT = START - 8 * HOUR;

describe('the evidence of paned indicators', () => {
  it('on a stream that is never taken back: panes, and no events', () => {
    const rules = setOf({
      'a/gas': model('device', "from: sensor-reading, max: 'event.value', over: 30d, every: 1d", 'many >= 9'),
    });
    const reading = (hours: number, value: number) =>
      eventAt(hours, 'sensor-reading', { metric: 'm', value }, { key: 'device:d' });
    const log: LogRecord[] = [reading(1, 2), reading(2, 3), reading(50, 5), reading(51, 9)];
    const [raised] = run(log, [rules]);
    expect(raised?.indicators).toEqual({ many: 9, exact: 0 });
    expect(raised?.panes).toEqual({
      many: {
        everyMs: DAY,
        total: 2,
        panes: [
          { start: MIDNIGHT, figure: 3 },
          { start: MIDNIGHT + 2 * DAY, figure: 9 },
        ],
      },
    });
    expect(raised?.contributions.total).toBe(0);
  });

  it('on a stream that can be taken back: panes and events', () => {
    const rules = setOf({
      'a/one': model('subject', "from: complaint, count: '*', over: 9d, every: 12h", 'many >= 3'),
    });
    const [raised] = run(
      [eventAt(0, 'complaint'), eventAt(1, 'complaint'), eventAt(30, 'complaint')],
      [rules],
    );
    expect(raised?.panes?.['many']).toMatchObject({ total: 2, panes: [{ figure: 2 }, { figure: 1 }] });
    expect(raised?.contributions).toMatchObject({ total: 3, events: [{}, {}, {}] });
  });

  it('names the latest hundred panes, and how many there are; what was taken back is gone from its pane', () => {
    const rules = setOf({
      'a/one': model('subject', "from: complaint, count: '*', over: 9d, every: 1h", 'many >= 149'),
    });
    const events = Array.from({ length: 150 }, (_, hours) => eventAt(hours, 'complaint'));
    const taken = eventAt(148, 'complaint', {}, { revokes: events[147]?.id ?? '' });
    const again = eventAt(149.5, 'complaint');
    const [raised] = run([...events.slice(0, 148), taken, ...events.slice(148), again], [rules]);
    const { total, panes } = raised?.panes?.['many'] ?? { total: 0, panes: [] };
    expect([total, panes.length, panes[99]?.start, panes[97]?.start]).toEqual([
      149,
      100,
      START + 149 * HOUR,
      START + 146 * HOUR,
    ]);
  });

  it('a model without panes says nothing of them', () => {
    const rules = setOf({ 'a/one': model('subject', "from: complaint, count: '*', over: 9d", 'many >= 1') });
    const [raised] = run([eventAt(0, 'complaint')], [rules]);
    expect(raised).not.toHaveProperty('panes');
  });
});
