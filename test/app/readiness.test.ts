// What /readyz says: each check by name with what was seen, and what to do where it does not hold.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { processReadiness, type ProcessSeen } from '../../src/app/distributed/process-readiness.js';
import { embeddedReadiness, type EmbeddedSeen } from '../../src/app/embedded-readiness.js';
import { clockCheck, Reached, readyBounds } from '../../src/app/readiness.js';
import { CodedError } from '../../src/events/coded-error.js';
import type { ReadyCheck } from '../../src/ports/front.js';
import { NOW, openOffice, type Office } from './office.js';

const failing = (checks: readonly ReadyCheck[]) => checks.filter(({ ok }) => !ok).map(({ name }) => name);

describe('what still counts as ready', () => {
  it('is what the operator says, else 50,000 records and a minute', () => {
    expect(readyBounds()).toEqual({ lagMax: 50_000, clockBehindMaxMs: 60_000 });
    expect(readyBounds({ lagRecords: 5, clockSeconds: 300 })).toEqual({
      ...{ lagMax: 5, clockBehindMaxMs: 300_000 },
    });
  });

  it('moves the bound of the clock, and of nothing else', () => {
    const { clockBehindMaxMs } = readyBounds({ clockSeconds: 300 });
    const ok = (behindMs: number) => clockCheck(NOW - behindMs, NOW, clockBehindMaxMs).ok;
    expect([ok(300_000), ok(300_001)]).toEqual([true, false]);
    expect(clockCheck(NOW, NOW, clockBehindMaxMs, true).ok).toBe(false);
    expect(clockCheck(-Infinity, NOW, clockBehindMaxMs).ok).toBe(false);
  });
});

describe('a process in all roles', () => {
  const well: EmbeddedSeen = {
    ...{
      isReplaying: false,
      isLive: true,
      isFailing: false,
      lag: 3,
      lagMax: 10,
      clockBehindMaxMs: 60_000,
      clock: NOW - 1_000,
      now: NOW,
    },
    ...{ isClockBehind: false, isStoreRefusing: false, hasWarehouse: true },
  };

  it('is ready where every check holds, and says what it saw', () => {
    const checks = embeddedReadiness(well);
    expect(failing(checks)).toEqual([]);
    expect(checks.find(({ name }) => name === 'evaluate')).toEqual({
      ...{ name: 'evaluate', ok: true, lag_records: 3 },
    });
    expect(checks.find(({ name }) => name === 'clock')).toEqual({
      ...{ name: 'clock', ok: true, clock: '2026-03-02T01:59:59.000Z', behind_seconds: 1 },
    });
  });

  const faults: [string, Partial<EmbeddedSeen>, string[]][] = [
    ['a replay is under way', { isReplaying: true, isLive: false, clock: -Infinity }, ['replay']],
    ['it catches up', { isLive: false, clock: NOW - 86_400_000 }, ['backlog']],
    ['a round failed', { isFailing: true }, ['pipeline']],
    ['more waits than the bound', { lag: 11 }, ['evaluate']],
    ['its clock stands still', { clock: NOW - 60_001 }, ['clock']],
    ['its clock is behind the log', { isClockBehind: true }, ['clock']],
    ['the disk refuses writes', { isStoreRefusing: true }, ['store']],
    ['the store cannot be read', { lag: null }, ['store']],
    ['the warehouse does not answer', { hasWarehouse: false }, ['warehouse']],
  ];
  it.each(faults)('is not ready while %s, and says what to do', (_what, seen, names) => {
    const checks = embeddedReadiness({ ...well, ...seen });
    expect(failing(checks)).toEqual(names);
    for (const { ok, next } of checks) expect(next === undefined).toBe(ok);
  });

  it('does not wait for a warehouse that it runs without', () => {
    expect(embeddedReadiness({ ...well, hasWarehouse: null }).map(({ name }) => name)).not.toContain(
      'warehouse',
    );
  });
});

describe('/readyz of a running system', () => {
  let office: Office;
  beforeAll(async () => {
    office = await openOffice();
  });
  afterAll(() => office.close());

  it('shows every check with lag and clock, and the store that cannot be read with what to do', async () => {
    const ready = await office.ask('/readyz');
    expect(ready.status).toBe(200);
    const { checks } = JSON.parse(ready.text) as { checks: ReadyCheck[] };
    const names = ['replay', 'backlog', 'pipeline', 'evaluate', 'clock', 'store'];
    expect(checks.map(({ name }) => name)).toEqual(names);
    expect(checks.find(({ name }) => name === 'evaluate')?.lag_records).toBe(0);
    expect(checks.find(({ name }) => name === 'clock')?.clock).toBe(new Date(NOW).toISOString());

    const { events } = office.embedded.folder.logs;
    const end = events.end.bind(events);
    events.end = async () => Promise.reject(new CodedError('STORE_DAMAGED', '/secret/place'));
    const refused = await office.ask('/readyz');
    events.end = end;
    expect(refused.status).toBe(503);
    expect(refused.text).toContain('The disk of the data folder refuses writes');
    expect(refused.text).not.toContain('/secret/place');
  });
});

describe('a process on servers', () => {
  const answering = () => new Reached(async () => 1);
  const well = (): ProcessSeen => ({
    ...{ isLive: true, runners: new Map(), isDeliveryFailing: false, lagMax: 10, clock: NOW, now: NOW },
    clockBehindMaxMs: 60_000,
    lags: async () => [
      { role: 'evaluate', records: 10 },
      { role: 'deliver', records: 1_000 },
    ],
    ...{ kafka: answering(), redis: answering(), warehouse: answering() },
  });

  it('is ready where its servers answer, its lag is under the bound and its clock passes', async () => {
    const checks = await processReadiness(well());
    expect(failing(checks)).toEqual([]);
    const names = ['start', 'kafka', 'redis', 'pipeline', 'lag', 'partitions', 'clock', 'warehouse'];
    expect(checks.map(({ name }) => name)).toEqual(names);
  });

  const gone = () => new Reached(async () => Promise.reject(new Error('ECONNREFUSED 10.0.0.1')));
  const faults: [string, () => Partial<ProcessSeen>, string[]][] = [
    ['Kafka is gone', () => ({ kafka: gone(), lags: async () => Promise.reject(new Error('')) }), ['kafka']],
    ['Redis is gone', () => ({ redis: gone() }), ['redis']],
    ['the warehouse says no', () => ({ warehouse: new Reached(async () => false) }), ['warehouse']],
    ['more waits than the bound', () => ({ lags: async () => [{ role: 'x', records: 11 }] }), ['lag']],
    ['its clock stands still', () => ({ clock: NOW - 60_001 }), ['clock']],
    ['it has no instant yet', () => ({ clock: -Infinity }), ['clock']],
    ['a channel cannot be served', () => ({ isDeliveryFailing: true }), ['pipeline']],
    ['it takes up its roles', () => ({ isLive: false, clock: -Infinity }), ['start']],
  ];
  it.each(faults)('is not ready while %s, and shows no address', async (_what, seen, names) => {
    const checks = await processReadiness({ ...well(), ...seen() });
    expect(failing(checks)).toEqual(names);
    expect(JSON.stringify(checks)).not.toContain('10.0.0.1');
  });

  it('asks a server that does not answer one question at a time', async () => {
    let asked = 0;
    const reached = new Reached(() => {
      asked++;
      return new Promise(() => undefined);
    });
    expect(await Promise.all([reached.answers(), reached.answers()])).toEqual([false, false]);
    expect(asked).toBe(1);
  });
});
