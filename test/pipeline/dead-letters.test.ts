// Dead letters: found by filters, mended through a mapping, and taken once however often they are tried.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { letterView, placesText, redriveView } from '../../src/app/letter-views.js';
import { Engine } from '../../src/engine/engine.js';
import { MemoryKeyStore } from '../../src/engine/key-state.js';
import type { Output } from '../../src/engine/output.js';
import { decodeRecord } from '../../src/events/codec.js';
import { loadRules } from '../../src/model/load.js';
import { encodeJson } from '../../src/pipeline/checkpoint.js';
import { DeadLetters, type LetterFilter } from '../../src/pipeline/dead-letters/letters.js';
import { Redriven } from '../../src/pipeline/dead-letters/redriven.js';
import { Redriver, type Redrive, type RedriveOptions } from '../../src/pipeline/dead-letters/redrive.js';
import { Ingest } from '../../src/pipeline/ingest.js';
import { parseMapping } from '../../src/pipeline/mapping/parse.js';
import { RawEvents, takeInto } from '../../src/pipeline/raw-events.js';
import type { Logs } from '../../src/ports/log.js';
import { rulesWith } from '../model/rules-fixture.js';

const AT = Date.UTC(2026, 2, 5, 2);
const HOUR = 3_600_000;
const PHONE = '13812345678';
const MODEL = `model: food/repeat-complaints
title: 投诉
summary: 投诉。
item: food-operation
scope: subject
indicators:
  complaints: { from: complaint, count: '*', over: 30d }
levels:
  blue: 'complaints > 0'
advise: 核查。
`;

/** A complaint whose category has another name than the schema knows. */
function misnamed(number: number) {
  return {
    specversion: '1.0',
    id: `c${number}`,
    source: 'urn:example:hotline',
    type: 'fenghuo.complaint',
    subject: '91110000802100433B',
    time: '2026-03-05T09:00:00+08:00',
    data: { kind: 'food', complainant: '张三', phone: PHONE },
  };
}

const MAPPING = mappingOf(`mapping: mended
format: json
zone: Asia/Shanghai
source: urn:example:hotline
stream: complaint
id: { column: id }
subject: { column: subject }
time: { column: time, format: "yyyy-MM-dd'T'HH:mm:ssZZ" }
skip: row.id == "c3"
data:
  category: { expr: 'row.data.kind' }
  complainant: { expr: 'row.data.complainant' }
`);

function mappingOf(text: string) {
  const parsed = parseMapping(text, 'mended.yaml');
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
  return parsed.mapping;
}

/** Stores with an ingest, and what is done with dead letters in them. */
async function opened() {
  const stores = openMemory();
  const logs = new Proxy({}, { get: (_, name) => stores.log(name as never) }) as Logs;
  const siteKey = new Uint8Array(32).fill(7);
  const { vault } = stores;
  let crashing = false;
  const probe = () => {
    if (crashing) throw new Error('the power went off');
  };
  const ingest = new Ingest({ logs, vault, siteKey, probe });
  await ingest.open();
  let nonces = 0;
  const redriven = new Redriven(stores.state, () => `nonce ${++nonces}`);
  const letters = new DeadLetters(logs['dead-letters'], redriven);
  const read: number[] = [];
  const redrive = async (options: Partial<RedriveOptions> = {}, filter: LetterFilter = {}, limit = 1_000) => {
    const redriver = new Redriver({
      ...{ intake: ingest.intake, vault, redriven, mapping: null, again: false, dryRun: false },
      ...{ by: 'os:li', now: () => AT + HOUR },
      reading: async (offsets) => void read.push(...offsets),
      ...options,
    });
    const results: Redrive[] = [];
    for await (const some of redriver.run(letters.oldest(filter, 0), limit)) results.push(...some);
    return results;
  };
  const list = async (filter: LetterFilter = {}, limit = 100, before?: number) => {
    const page = await letters.newest(filter, limit, before);
    return { ...page, views: page.letters.map((letter) => letterView(letter, siteKey)) };
  };
  const send = (body: unknown, at = AT) => ingest.accept(JSON.stringify(body), at);
  const crash = (on: boolean) => (crashing = on);
  return { stores, logs, ingest, siteKey, redriven, letters, redrive, list, send, crash, read };
}

/** How often evaluate counts the complaints of a log, and how many records it drops. */
async function counted(logs: Logs): Promise<{ complaints: unknown; duplicates: number }> {
  const { rules } = loadRules(rulesWith({ 'food/repeat-complaints.yaml': MODEL }), '2026-03-01');
  if (rules === null) throw new Error('the rules do not load');
  let complaints: unknown = 0;
  let duplicates = 0;
  const emit = (output: Output) => {
    if (output.kind === 'transition') complaints = output.indicators['complaints'];
    else if (output.kind === 'verdict' && output.verdict === 'duplicate') duplicates++;
  };
  const engine = new Engine(rules, { namespace: 'test', partition: 0, store: new MemoryKeyStore(), emit });
  for (const { value, offset } of await logs.events.read(0, 0, 1_000))
    engine.step(decodeRecord(value), offset);
  engine.end();
  return { complaints, duplicates };
}

const outcomes = (results: readonly Redrive[]) => results.map(({ offset, outcome }) => [offset, outcome]);

describe('a list of dead letters', () => {
  it('has the newest first, by code, source and time, page by page', async () => {
    const { list, send } = await opened();
    for (let number = 0; number < 4; number++) await send(misnamed(number), AT + number * HOUR);
    await send({ ...misnamed(4), source: 'urn:example:other', type: 'fenghuo.unheard' }, AT + 4 * HOUR);
    const places = async (filter: LetterFilter, limit?: number, before?: number) =>
      (await list(filter, limit, before)).letters.map(({ offset }) => offset);
    expect(await places({})).toEqual([4, 3, 2, 1, 0]);
    expect(await places({ codes: ['EVENT_UNKNOWN_STREAM'] })).toEqual([4]);
    expect(await places({ source: 'urn:example:hotline' })).toEqual([3, 2, 1, 0]);
    expect(await places({ since: AT + HOUR, until: AT + 3 * HOUR })).toEqual([2, 1]);
    const first = await list({ source: 'urn:example:hotline' }, 3);
    expect([first.letters.length, first.next]).toEqual([3, 1]);
    const rest = await list({ source: 'urn:example:hotline' }, 3, first.next ?? 0);
    expect([rest.letters.map(({ offset }) => offset), rest.next]).toEqual([[0], null]);
    expect((await list({}, 1)).views[0]).toMatchObject({
      ...{ offset: 4, at: '2026-03-05T06:00:00.000Z', code: 'EVENT_UNKNOWN_STREAM' },
      ...{ source: 'urn:example:other', of: 'event', redriven: null },
    });
  });

  it('shows nothing of a person, wherever the letter has it', async () => {
    const { list, send, stores, ingest } = await opened();
    await send({ ...misnamed(1), source: `urn:tel ${PHONE}` });
    const rows = mappingOf(`mapping: dated
format: json
zone: Asia/Shanghai
source: urn:example:hotline
stream: complaint
id: row-hash
subject: { column: shop }
time: { column: day, format: yyyy-MM-dd }
data: { category: { column: kind } }
`);
    const value = Buffer.from(JSON.stringify({ shop: '1', day: '张三 "李四"', kind: 'food' }));
    const record = { topic: 'rows', partition: 0, offset: 5, timestamp: 0, key: null };
    await takeInto(
      ingest,
      new RawEvents(new Map([['rows', rows.map]])),
      () => AT,
    )({
      ...{ topic: 'rows', partition: 0 },
      records: [{ ...record, value, headers: new Map<string, string>() }],
    });
    const kept = await stores.log('dead-letters').read(0, 0, 10);
    expect(kept.map(({ value: bytes }) => Buffer.from(bytes).toString()).join()).not.toContain('张三');
    const former = {
      ...{ at: AT, code: 'ROW_VALUE', field: null, source: '', original: 'dead:0', length: 1 },
      message: `name: ${JSON.stringify('张三 "李四"')} is not in the map`,
    };
    await stores.log('dead-letters').append(0, [encodeJson(former)]);
    const text = JSON.stringify((await list()).views);
    expect(text).toContain('ROW_DATE');
    expect(text).toContain('rows/0@5');
    for (const personal of ['张三', '李四', PHONE]) expect(text).not.toContain(personal);
  });
});

describe('dead letters that are tried again', () => {
  it('are taken through a mapping, and count once however often they are tried', async () => {
    const { send, redrive, logs, list, stores, read } = await opened();
    for (const number of [1, 2, 3]) await send(misnamed(number));
    expect(await counted(logs)).toEqual({ complaints: 0, duplicates: 0 });

    const results = await redrive({ mapping: MAPPING });
    expect(outcomes(results)).toEqual([
      [0, 'taken'],
      [1, 'taken'],
      [2, 'skipped'],
    ]);
    expect(read).toEqual([0, 1, 2]);
    expect(results[0]?.events[0]).toMatchObject({ id: 'urn:example:hotline c1', at: AT + HOUR });
    expect(await counted(logs)).toEqual({ complaints: 2, duplicates: 0 });
    expect((await list()).views.map(({ redriven }) => redriven)).toEqual([
      null,
      ...[1, 0].map(() => ({
        ...{ at: '2026-03-05T03:00:00.000Z', by: 'os:li', outcome: 'taken' },
        ...{ events: 1, mapping: 'mended', error: null },
      })),
    ]);

    expect(outcomes(await redrive({ mapping: MAPPING }))).toEqual([
      [0, 'before'],
      [1, 'before'],
      [2, 'skipped'],
    ]);
    expect((await redrive({ mapping: MAPPING, again: true })).map(({ outcome }) => outcome)).toEqual([
      'taken',
      'taken',
      'skipped',
    ]);
    expect(await counted(logs)).toEqual({ complaints: 2, duplicates: 2 });
    // What is personal in them is in the vault, and nowhere in the log.
    const events = (await stores.log('events').read(0, 0, 100)).map(({ value }) => decodeRecord(value));
    expect(JSON.stringify(events)).not.toContain('张三');
  });

  it('are tried again after a crash between the events and the note of them, and count once', async () => {
    const { send, redrive, logs, list, crash } = await opened();
    for (const number of [1, 2]) await send(misnamed(number));
    crash(true);
    await expect(redrive({ mapping: MAPPING })).rejects.toThrow('the power went off');
    crash(false);
    expect((await list()).views.map(({ redriven }) => redriven)).toEqual([null, null]);
    expect((await redrive({ mapping: MAPPING })).map(({ outcome }) => outcome)).toEqual(['taken', 'taken']);
    expect(await counted(logs)).toEqual({ complaints: 2, duplicates: 2 });
  });

  it('stay dead letters where they are refused again, and are no second ones', async () => {
    const { send, redrive, logs, list, ingest } = await opened();
    await send(misnamed(1));
    await send({ ...misnamed(2), type: 'fenghuo.action', data: { warning: 'x' } });
    for (let time = 0; time < 3; time++) {
      const results = await redrive();
      expect(results.map(({ outcome }) => outcome)).toEqual(['refused', 'refused']);
      expect(results[0]?.error).toMatchObject({ code: 'EVENT_DATA' });
    }
    expect(await logs['dead-letters'].end(0)).toBe(2);
    expect(ingest.arrived.refused.get('EVENT_DATA')).toBe(1);
    expect([await logs.events.end(0), await logs.inbox.end(0)]).toEqual([0, 0]);
    const { views } = await list();
    expect(views[1]?.redriven).toMatchObject({
      outcome: 'refused',
      events: 0,
      error: { code: 'EVENT_DATA' },
    });
    // Mended afterwards, it is taken.
    expect(outcomes(await redrive({ mapping: MAPPING }))[0]).toEqual([0, 'taken']);
  });

  it('stay dead letters where only a part of them is an event, which counts once', async () => {
    const { redrive, logs, ingest, list } = await opened();
    const meters = mappingOf(`mapping: meters
format: json
source: urn:example:meters
stream: complaint
id: row-hash
unpivot: { columns: [A, B], value: kind, name: column }
subject: { value: '91110000802100433B' }
time: { column: AT, format: yyyy-MM-dd }
zone: Asia/Shanghai
data: { category: { column: kind, map: { food: food } } }
`);
    await ingest.accept(JSON.stringify({ AT: '2026-03-05', A: 'food', B: 'fodo' }), AT);
    for (let time = 0; time < 2; time++) {
      const [result] = await redrive({ mapping: meters });
      expect([result?.outcome, result?.events.length, result?.error?.code]).toEqual([
        'refused',
        1,
        'ROW_VALUE',
      ]);
    }
    expect(await counted(logs)).toEqual({ complaints: 1, duplicates: 1 });
    const { views } = await list();
    expect(views.map(({ redriven }) => redriven)).toMatchObject([
      { outcome: 'refused', events: 1, error: { code: 'ROW_VALUE' } },
    ]);
    expect(JSON.stringify(views)).not.toContain('fodo');
  });

  it('take the topic that they came from as their source, as they did on arrival', async () => {
    const { redrive, ingest } = await opened();
    const { source: _, ...bare } = misnamed(1);
    const record = { topic: 'posts', partition: 2, offset: 9, timestamp: 0, key: null };
    const value = Buffer.from(JSON.stringify(bare));
    await takeInto(
      ingest,
      new RawEvents(new Map([['posts', null]])),
      () => AT,
    )({
      ...{ topic: 'posts', partition: 2 },
      records: [{ ...record, value, headers: new Map<string, string>() }],
    });
    const [result] = await redrive();
    // Refused for its data alone: the envelope is whole.
    expect(result?.error).toMatchObject({ code: 'EVENT_DATA' });
  });

  it('are only looked at in a dry run, with pseudonyms for what is personal', async () => {
    const { send, redrive, logs, list, siteKey } = await opened();
    await send(misnamed(1));
    const results = await redrive({ mapping: MAPPING, dryRun: true });
    const [view] = results.map((result) => redriveView(result, siteKey));
    expect(view).toMatchObject({
      ...{ offset: 0, outcome: 'taken', error: null },
      events: [{ id: 'urn:example:hotline c1', stream: 'complaint', time: '2026-03-05T01:00:00.000Z' }],
    });
    expect(JSON.stringify(view)).toContain('"category":"food"');
    expect(JSON.stringify(view)).not.toContain('张三');
    expect(await logs.events.end(0)).toBe(0);
    expect((await list()).views[0]?.redriven).toBeNull();
  });

  it('are passed over where they stand for a delivery, and told where their original was erased', async () => {
    const { send, redrive, logs, letters, stores, list } = await opened();
    const delivery = {
      ...{ at: AT, code: 'DELIVER_GONE', message: 'delivery 1 given up', field: null },
      ...{ source: 'deliveries/0', original: 'deliveries/0/7', length: 0 },
    };
    await logs['dead-letters'].append(0, [encodeJson(delivery)]);
    await send(misnamed(1));
    const letter = await letters.at(1);
    await stores.vault.erase(`${letter?.letter.original}/0`);
    expect(outcomes(await redrive({ mapping: MAPPING }))).toEqual([
      [0, 'delivery'],
      [1, 'gone'],
    ]);
    expect((await list()).views[1]).toMatchObject({ of: 'delivery' });
    expect(await letters.at(2)).toBeUndefined();
  });

  it('go in batches, as many as are asked for, and are noted although others note theirs at once', async () => {
    const { send, redrive, logs, stores, ingest } = await opened();
    const many = Array.from({ length: 1_203 }, (_, number) => misnamed(number + 10));
    await send(many);
    expect((await redrive({ mapping: MAPPING }, {}, 700)).length).toBe(700);
    const other = new Redriven(stores.state, () => 'other');
    const intake: RedriveOptions['intake'] = {
      read: (body, now) => ingest.intake.read(body, now),
      acceptAgain: async (body, now) => {
        const batch = await ingest.intake.acceptAgain(body, now);
        await other.note(new Map([[0, { at: AT, by: 'os:wang', outcome: 'taken', events: 1 }]]));
        return batch;
      },
    };
    const results = await redrive({ mapping: MAPPING, intake });
    expect(results.filter(({ outcome }) => outcome === 'before').length).toBe(700);
    expect(results.filter(({ outcome }) => outcome === 'taken').length).toBe(503);
    expect(await logs.events.end(0)).toBe(1_203);
    expect((await redrive({ mapping: MAPPING })).every(({ outcome }) => outcome === 'before')).toBe(true);
    expect(placesText([0, 1, 2, 5, 7, 8])).toBe('0-2, 5, 7-8');
  });
});
