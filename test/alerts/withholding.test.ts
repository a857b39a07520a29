import { describe, expect, it } from 'vitest';
import type { WarningRecord } from '../../src/alerts/inbox.js';
import { AlertMachine } from '../../src/alerts/machine.js';
import type { PlannedDelivery } from '../../src/alerts/messages.js';
import type { AlertState } from '../../src/alerts/state.js';
import { Silence } from '../../src/alerts/silence.js';
import { warningDetail, warningView } from '../../src/alerts/view.js';
import type { Transition } from '../../src/engine/output.js';
import { setOf } from '../engine/turns.js';

const HOUR = 3_600_000;
const START = Date.UTC(2025, 5, 1);
const rules = setOf({
  'gas/silent': `
scope: device
expect: { from: sensor-reading, every: 1h, of: device }
indicators: { gone: { from: sensor-reading, absent: true, over: 6h } }
levels: { orange: 'gone', yellow: 'gone' }`,
});

function record(ordinal: number, hours: number, change: Partial<Transition>): WarningRecord {
  const transition: Transition = {
    kind: 'transition',
    warning: '0'.repeat(32),
    ordinal,
    model: 'gas/silent',
    scope: 'device',
    key: 'd',
    level: 'yellow',
    previous: 'none',
    clock: START + hours * HOUR,
    raised: START,
    indicators: {},
    params: {},
    profile: { name: '报警器' },
    reason: 'raised',
    revision: '0'.repeat(16),
    item: 'item',
    quiet: false,
    contributions: { events: [], total: 0, hash: '' },
    ...change,
  };
  const link = {
    sequence: ordinal + 1,
    hash: String(ordinal),
    previous: '',
  } as unknown as WarningRecord['link'];
  const origin = { source: 'events/0', offset: ordinal, ordinal: 0 };
  return { kind: 'warning', origin, at: transition.clock, transition, sample: [], link };
}

const onA = { restsOn: ['urn:a'] };
const silent = (...sources: string[]) => new Silence(Object.fromEntries(sources.map((one) => [one, ['w']])));

/** Steps one warning, and collects what departments hear of it. */
class Life {
  readonly heard: PlannedDelivery[] = [];
  state: AlertState | undefined;
  private readonly machine = new AlertMachine(rules);

  step(one: WarningRecord, silence: Silence): this {
    const { state, outputs } = this.machine.step(this.state, one, silence);
    this.state = state;
    this.heard.push(...outputs.deliveries);
    return this;
  }

  release(hours: number, silence: Silence): this {
    const at = START + hours * HOUR;
    const { state, outputs } = this.machine.release(this.state as AlertState, 'urn:a', at, silence);
    this.state = state;
    this.heard.push(...outputs.deliveries);
    return this;
  }

  get messages(): string[] {
    return this.heard.map(({ body }) => String(body['message']));
  }
}

describe('a warning that rests on a silent source', () => {
  it('is recorded with the reason, and sent once the source speaks', () => {
    const life = new Life().step(record(0, 6, onA), silent('urn:a'));
    expect(life.heard).toEqual([]);
    expect(life.state).toMatchObject({ status: 'withheld', withheld: { sources: ['urn:a'], told: 'none' } });
    expect(warningView(life.state as AlertState, rules)).toMatchObject({
      status: 'withheld',
      withheld: { reason: 'source-silent', sources: ['urn:a'], told: 'none' },
      rests_on: ['urn:a'],
    });
    life.release(9, silent());
    expect(life.messages).toEqual([
      '【黄色预警】报警器：题。新发预警。数据源中断期间暂缓推送，现数据源已恢复，预警仍然成立，予以补发。',
    ]);
    expect(life.heard[0]?.at).toBe(START + 9 * HOUR);
    expect(life.state).toMatchObject({ status: 'raised', pending: [life.heard[0]?.id] });
    expect(warningDetail(life.state as AlertState, rules)).toMatchObject({
      history: [
        {
          withheld: 'source-silent',
          clock: '2025-06-01T06:00:00.000Z',
          released: '2025-06-01T09:00:00.000Z',
        },
      ],
    });
    expect(life.state?.withheld).toBeUndefined();
  });

  it('ends unheard where nobody heard of it', () => {
    const cleared = record(1, 8, { level: 'none', previous: 'yellow', reason: 'cleared' });
    const life = new Life().step(record(0, 6, onA), silent('urn:a')).step(cleared, silent('urn:a'));
    expect(life.heard).toEqual([]);
    expect(life.state).toMatchObject({ status: 'cleared', level: 'none' });
    expect(life.state?.withheld).toBeUndefined();
  });

  it('is told from the level that departments know', () => {
    const graver = record(1, 8, { level: 'orange', previous: 'yellow', reason: 'escalated', ...onA });
    const known = new Life().step(record(0, 6, onA), silent()).step(graver, silent('urn:a'));
    expect(known.messages).toHaveLength(1);
    expect(known.state?.withheld).toEqual({ sources: ['urn:a'], told: 'yellow' });
    expect(known.release(9, silent()).messages[1]).toContain(
      '【橙色预警】报警器：题。预警升级（原黄色预警）。',
    );

    const unknown = new Life().step(record(0, 6, onA), silent('urn:a')).step(graver, silent('urn:a'));
    expect(unknown.release(9, silent()).messages).toEqual([
      expect.stringContaining('【橙色预警】报警器：题。新发预警。') as string,
    ]);
    expect(unknown.state?.history.map(({ withheld }) => withheld)).toEqual([
      'source-silent',
      'source-silent',
    ]);
  });

  it('says nothing where it comes back to what departments know', () => {
    const graver = record(1, 8, { level: 'orange', previous: 'yellow', reason: 'escalated', ...onA });
    const back = record(2, 9, { level: 'yellow', previous: 'orange', reason: 'de-escalated' });
    const life = new Life()
      .step(record(0, 6, onA), silent())
      .step(graver, silent('urn:a'))
      .step(back, silent('urn:a'));
    expect(life.messages).toHaveLength(1);
    expect(life.state).toMatchObject({ status: 'raised', level: 'yellow' });
    expect(life.state?.withheld).toBeUndefined();
  });

  it('is sent at once where it comes to rest on something else', () => {
    const graver = record(1, 8, { level: 'orange', previous: 'yellow', reason: 'escalated' });
    const life = new Life().step(record(0, 6, onA), silent('urn:a')).step(graver, silent('urn:a'));
    expect(life.messages).toEqual([expect.stringContaining('新发预警') as string]);
    expect(life.state?.status).toBe('raised');
  });

  it('waits for every silent source that it rests on', () => {
    const both = record(0, 6, { restsOn: ['urn:a', 'urn:b', 'urn:c'] });
    const life = new Life().step(both, silent('urn:a', 'urn:b')).release(7, silent('urn:b'));
    expect(life.heard).toEqual([]);
    expect(life.state?.withheld?.sources).toEqual(['urn:b']);
    expect(life.release(8, silent()).messages).toHaveLength(1);
  });

  it('is not withheld while another source is silent, and not sent later where history raised it', () => {
    expect(new Life().step(record(0, 6, onA), silent('urn:b')).messages).toHaveLength(1);
    const quiet = new Life().step(record(0, 6, { ...onA, quiet: true }), silent('urn:a'));
    expect(quiet.state?.withheld).toBeUndefined();
    expect(quiet.release(8, silent()).heard).toEqual([]);
  });
});

describe('a source', () => {
  const said = (level: 'orange' | 'none', warning = 'w', key = 'urn:a') =>
    record(0, 0, { scope: 'source', model: 'gas/silent:source', key, level, warning }).transition;

  it('is silent while a warning says so, and speaks when none does any more', () => {
    const silence = new Silence();
    expect(silence.hear(said('orange'))).toEqual([]);
    expect(silence.hear(said('orange', 'x'))).toEqual([]);
    expect(silence.among(['urn:a', 'urn:b'])).toEqual(['urn:a']);
    expect(silence.hear(said('none'))).toEqual([]);
    expect(new Silence(silence.plain).has('urn:a')).toBe(true);
    expect(silence.hear(said('none', 'x'))).toEqual(['urn:a']);
    expect(silence.hear(said('none', 'x'))).toEqual([]);
    expect(silence.size).toBe(0);
  });

  it('is itself a warning, to the departments of the item', () => {
    const source = record(0, 3, {
      scope: 'source',
      model: 'gas/silent:source',
      key: 'urn:a',
      level: 'orange',
      indicators: { keys: 12, silent: 11 },
      profile: {},
    });
    const life = new Life().step(source, silent());
    expect(life.messages).toEqual(['【橙色预警】数据源 urn:a：数据源中断。新发预警。']);
    expect(life.heard[0]?.body).toMatchObject({
      summary: '同一数据源三成以上并且十个以上对象超过 1 小时没有上报。',
      indicators: { keys: 12, silent: 11 },
    });
  });
});
