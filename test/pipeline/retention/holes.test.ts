// Those who read the events log go on behind what is missing.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { announcedRevision } from '../../../src/app/announced.js';
import { decodeRecord, encodeRecord } from '../../../src/events/codec.js';
import type { LogRecord } from '../../../src/events/event.js';
import { EventsSource } from '../../../src/pipeline/archive-events.js';
import { CheckpointCursor, encodeJson, NO_CHANGES } from '../../../src/pipeline/checkpoint.js';
import { LoggedHistory } from '../../../src/pipeline/history/logged-history.js';
import { PersonalIndex } from '../../../src/pipeline/retention/personal-index.js';
import type { ReleaseMeta } from '../../../src/pipeline/retention/release-events.js';
import type { ReleasePlan } from '../../../src/pipeline/retention/release-plan.js';
import { ReleasedEvents } from '../../../src/pipeline/retention/released.js';
import type { Logs } from '../../../src/ports/log.js';

const NAMED = `p:${'a'.repeat(32)}`;

function complaint(index: number): LogRecord {
  return {
    kind: 'event',
    ...{ id: `a ${index}`, stream: 'complaint', source: 'a', key: `subject:${index}` },
    ...{ time: index, at: index, data: { complainant: NAMED } },
  };
}

async function log(count: number, gone: readonly number[], more: readonly LogRecord[] = []) {
  const stores = openMemory();
  const events = stores.log('events');
  const records = Array.from({ length: count }, (_, index) => complaint(index));
  await events.append(0, [...records, ...more].map(encodeRecord));
  await events.letGo(0, gone, Math.max(...gone) + 1);
  const logs = { events, 'dead-letters': stores.log('dead-letters') };
  return { stores, events, logs };
}

const span = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('a log with holes', () => {
  it('is a history of what is left, each record once, whatever the size of a page', async () => {
    const gone = [...span(0, 7), 9, ...span(11, 30)];
    const { events } = await log(40, gone);
    const left = span(0, 40).filter((offset) => !gone.includes(offset));
    for (const page of [1, 3, 10, 1_000]) {
      const read: number[] = [];
      const asked = { begin: 0, end: 38, sinceMs: -Infinity, always: [] };
      for await (const records of new LoggedHistory(events, 1, page).read(0, asked))
        for (const { offset, record } of records) read.push(offset, record.at);
      expect(read).toEqual(left.filter((offset) => offset < 38).flatMap((offset) => [offset, offset]));
    }
  });

  it('comes to its end in the index of mentions', async () => {
    const { stores, logs, events } = await log(2_600, [...span(0, 500), ...span(900, 2_100)]);
    let nonce = 0;
    const index = new PersonalIndex({ logs, state: stores.state, nonce: () => `${nonce++}` });
    await index.catchUp();
    expect(index.position()).toBe(await events.end(0));
    expect(await index.mention(NAMED)).toEqual({ at: { complaint: 2_599 } });
    expect(
      await index.subjectsOf(NAMED, ['subject:0', 'subject:600', 'subject:2000', 'subject:2200']),
    ).toEqual(['subject:600', 'subject:2200']);
    await events.append(0, [encodeRecord(complaint(2_600))]);
    await index.catchUp();
    expect(index.position()).toBe(2_601);
  });

  it('names the rules that it names last', async () => {
    const revision = { kind: 'revision', at: 2_500, revision: 'b' } as const;
    const { events } = await log(2_400, span(10, 1_700), [revision, complaint(2_501)]);
    expect(await announcedRevision(events, 0, 'a')).toEqual({ revision: 'b', at: 2_500 });
    expect(decodeRecord((await events.read(0, 11, 1))[0]?.value ?? new Uint8Array()).at).toBe(1_700);
  });
});

describe('the archive of a revocation', () => {
  const revocation = (id: string): LogRecord => ({ ...complaint(50), id, revokes: 'a 7' }) as LogRecord;
  const rowsOf = async (gone: readonly number[], meta?: ReleaseMeta) => {
    const stores = openMemory();
    const [events, verdicts] = [stores.log('events'), stores.log('verdicts')];
    const records = [...Array.from({ length: 20 }, (_, index) => complaint(index)), revocation('a r')];
    await events.append(0, records.map(encodeRecord));
    await events.letGo(0, gone, Math.max(0, ...gone) + 1);
    const position = { partition: 0, offset: 20 };
    const verdict = { kind: 'verdict', position, verdict: 'revokes', code: 'REVOKED' };
    const origin = { source: 'events/0', offset: 20, ordinal: 0 };
    const record = { origin, verdict: { ...verdict, original: { partition: 0, offset: 7 } } };
    await verdicts.append(0, [encodeJson(record)]);
    if (meta !== undefined)
      await new CheckpointCursor<ReleaseMeta>(stores.state, 'retention/events/0', () => 'n').commit(
        meta,
        NO_CHANGES,
      );
    const source = new EventsSource(
      { events, verdicts } as unknown as Logs,
      () => 21,
      ...([0, undefined, undefined] as const),
      () => ReleasedEvents.in(stores.state, 0),
    );
    return (await source.block(18, 21, 0)).rows.get('events') ?? [];
  };

  it('takes its event off, and where that was let go goes on and says so', async () => {
    const shown = (rows: readonly { readonly [column: string]: unknown }[]) =>
      rows.map(({ offset, sign, verdict, code }) => [offset, sign, verdict, code]);
    const before = [18, 19].map((offset) => [offset, 1, '', '']);
    expect(shown(await rowsOf([]))).toEqual([
      ...before,
      [20, 0, 'revokes', 'REVOKED'],
      [7, -1, 'revoked', 'REVOKED'],
    ]);
    const released = [...before, [20, 0, 'revokes', 'REVOKED_RELEASED']];
    expect(shown(await rowsOf([3, 7]))).toEqual(released);
    // The log may still have what went from the warehouse.
    const meta: ReleaseMeta = { next: { complaint: 8 }, stayed: {}, until: {}, plan: null };
    expect(shown(await rowsOf([], meta))).toEqual(released);
    const taken = [7, -1, 'revoked', 'REVOKED'];
    for (const stays of [
      { ...meta, next: { complaint: 7 } },
      { ...meta, stayed: { 'subject:7': { complaint: 7 } } },
    ])
      expect(shown(await rowsOf([], stays)).at(-1)).toEqual(taken);
  });

  it('leaves out what went, also where the warehouse is filled again from a log that has it', async () => {
    const plan: Omit<ReleasePlan, 'left'> = {
      ...{ termMs: 1, from: 0, to: 20, before: 20, stayed: {}, found: {} },
      ...{ released: ['complaint'], held: ['subject:18'] },
    };
    const offsets = async (left: 'log' | 'warehouse') =>
      (await rowsOf([], { next: {}, stayed: {}, until: {}, plan: { ...plan, left } })).map(
        ({ offset }) => offset,
      );
    expect(await offsets('warehouse')).toEqual([18, 20]);
    expect(await offsets('log')).toEqual([18, 19, 20, 7]);
  });
});
