// Events that are wrong on purpose, so that the dead-letter log has something to show. Each id begins with `bad-`.
import type { JsonObject } from '../../src/events/event.js';
import { SOURCES, timestamp } from './event.js';
import type { DemoEvent, Draft } from './event.js';
import { Random } from './random.js';
import type { Registry } from './registry.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './rhythm.js';

/** The bad events of a county, spread over its first days, and the code that each is refused with. */
export function faultyDrafts(registry: Registry): { draft: Draft; code: string }[] {
  const { startMs } = registry.size;
  const right = registry.pick('food', Random.of(registry.size.seed, 'faulty')).id;
  const wrong = right.slice(0, 17) + (right.endsWith('0') ? '1' : '0');
  const complaint: JsonObject = { category: '服务态度', channel: '12345', content: '模拟：格式错误的投诉' };
  const { id: subject, source } = registry.gasDevice(2);
  const stale = { subject, source, type: 'fenghuo.sensor-reading' };
  const value = { metric: 'gas_concentration', unit: '%LEL', value: 0.5 };
  const pass = { inspection: 'bad-05', result: 'pass' };
  const specs: [code: string, delayMs: number, parts: Partial<DemoEvent>][] = [
    ['EVENT_USCC', MINUTE_MS, { subject: wrong, data: complaint }],
    [
      'EVENT_USCC',
      MINUTE_MS,
      { subject: wrong, type: 'fenghuo.penalty', data: { kind: 'fine', amount: 500 } },
    ],
    ['EVENT_UNKNOWN_STREAM', MINUTE_MS, { type: 'fenghuo.rumour', data: complaint }],
    ['EVENT_DATA', MINUTE_MS, { data: { channel: '12345', content: '模拟：没有类别的投诉' } }],
    ['EVENT_DATA', MINUTE_MS, { type: 'fenghuo.inspection', data: { ...pass, result: '合格' } }],
    ['EVENT_FUTURE', -2 * HOUR_MS, { data: complaint }],
    ['EVENT_TOO_OLD', 3 * HOUR_MS, { ...stale, data: value }],
    ['EVENT_NUMBER', MINUTE_MS, { type: 'fenghuo.penalty', data: { kind: 'fine', amount: 2 ** 60 } }],
    ['EVENT_NO_KEY', MINUTE_MS, { data: complaint }],
  ];
  return specs.map(([code, delayMs, parts], number) => {
    const at = startMs + (1 + (number % 6) / 4) * DAY_MS + number * MINUTE_MS;
    const event: DemoEvent = {
      specversion: '1.0',
      id: `bad-${String(number + 1).padStart(2, '0')}`,
      source: SOURCES.online,
      type: 'fenghuo.complaint',
      ...(code === 'EVENT_NO_KEY' ? {} : { subject: right }),
      time: timestamp(at - delayMs),
      recordedtime: timestamp(at),
      data: {},
      ...parts,
    };
    return { draft: { at, event }, code };
  });
}
