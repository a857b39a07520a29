import { describe, expect, it } from 'vitest';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Event, JsonObject, StreamName } from '../../src/events/event.js';
import { simulationRules } from '../simulation/models.js';

const DAY = 86_400_000;

function event(day: number, stream: StreamName, data: JsonObject, revokes?: string): Event {
  const at = day * DAY;
  const id = `s ${stream}-${day}`;
  const base = { kind: 'event', id, stream, source: 's', key: 'subject:sim:a', time: at, at, data } as const;
  return revokes === undefined ? base : { ...base, revokes };
}

function levels(events: readonly Event[]): string[] {
  const shown: string[] = [];
  const engine = new Engine(simulationRules(), {
    namespace: 'test',
    partition: 0,
    store: new MemoryKeyStore(),
    emit: (output) => {
      if (output.kind === 'transition' && output.model === 'sim/counts') shown.push(output.level);
    },
  });
  for (const [offset, one] of events.entries()) engine.step(one, offset);
  engine.end();
  return shown;
}

describe('credit repair', () => {
  const before = [
    event(0, 'registration', { kind: 'enterprise', tags: ['x'] }),
    event(1, 'credit-change', { credit: 'D' }),
  ];
  const complaints = [200, 201, 202].map((day) =>
    event(day, 'complaint', { category: '食品', amount: 20, complainant: `p:${day}` }),
  );

  it('a bad class lowers the thresholds, however long ago it was recorded', () => {
    expect(levels([...before, ...complaints])).toEqual(['blue', 'orange']);
  });

  it('a class that is revoked after half a year counts no more', () => {
    const repair = event(199, 'credit-change', {}, 's credit-change-1');
    expect(levels([...before, repair, ...complaints])).toEqual(['blue']);
  });
});
