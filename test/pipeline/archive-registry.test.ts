// Where archived events stand in the registry: by what they say, else by their key as registered when they came.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { migrate } from '../../src/adapters/clickhouse/migrate.js';
import { openWarehouse, type OpenWarehouse } from '../../src/adapters/clickhouse/warehouse.js';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { encodeRecord } from '../../src/events/codec.js';
import type { JsonObject } from '../../src/events/event.js';
import { Archive } from '../../src/pipeline/archive.js';
import { EventsSource } from '../../src/pipeline/archive-events.js';
import { encodeJson } from '../../src/pipeline/checkpoint.js';
import type { Logs } from '../../src/ports/log.js';
import { FILES, rulesOf } from '../alerts/timeline.js';
import { chdbRuns, MIGRATIONS, openTestWarehouse, type TestWarehouse } from '../support/warehouse.js';

const AT = Date.UTC(2026, 8, 2);
const items = (FILES.get('catalogue/items.yaml') ?? '')
  .replace('title: food', 'subjects: { tags: 食品经营 }\n  title: food')
  .replace('title: gas', 'subjects: { tags: 燃气用户 }\n  title: gas');
const rules = rulesOf(new Map([...FILES, ['catalogue/items.yaml', items]]));

interface Said {
  readonly stream: string;
  readonly data: JsonObject;
  /** Offset of the event that it takes back. */
  readonly back?: number;
}

const registered = (data: JsonObject): Said => ({
  stream: 'registration',
  data: { kind: 'enterprise', ...data },
});
const complained = (data: JsonObject = {}): Said => ({
  stream: 'complaint',
  data: { category: '油烟', ...data },
});

/** One key's life; each line is one record of the log. */
const LIFE: readonly Said[] = [
  complained(),
  registered({ name: '甲店', region: '110105', industry: 'H6210', tags: ['食品经营'] }),
  complained(),
  complained({ region: '110108' }),
  { stream: 'inspection', data: { inspection: 'I1', result: 'fail', item: 'gas' } },
  registered({ name: '甲店', region: '3205', tags: ['食品经营', '燃气用户'] }),
  complained(),
  { stream: 'credit-change', data: { credit: 'D' } },
  // The first complaint under the first registration is taken back: from where it was counted.
  { ...complained(), back: 2 },
  // So is the move: the key stands where it stood before.
  { stream: 'registration', data: {}, back: 5 },
  complained(),
];

const EXPECTED = [
  '0 1 complaint "" "" []',
  '1 1 registration 110105 H6210 [food]',
  '2 -1 complaint 110105 H6210 [food]',
  '2 1 complaint 110105 H6210 [food]',
  '3 1 complaint 110108 H6210 [food]',
  '4 1 inspection 110105 H6210 [gas]',
  '5 -1 registration 3205 H6210 [food,gas]',
  '5 1 registration 3205 H6210 [food,gas]',
  '6 1 complaint 3205 H6210 [food,gas]',
  '7 1 credit-change 3205 H6210 [food,gas]',
  '8 0 complaint 3205 H6210 [food,gas]',
  '9 0 registration 110105 H6210 [food]',
  '10 1 complaint 110105 H6210 [food]',
];

describe.skipIf(!(await chdbRuns()))('archived events', () => {
  let under: TestWarehouse;
  beforeAll(async () => {
    under = await openTestWarehouse();
  });
  afterAll(() => under?.close());

  async function archived(database: string, batch: number, life = LIFE): Promise<OpenWarehouse> {
    const options = { ...under.options, database };
    await migrate(options, MIGRATIONS);
    const warehouse = openWarehouse(options);
    const stores = openMemory();
    const logs = new Proxy({}, { get: (_, name) => stores.log(name as 'events') }) as Logs;
    const records = life.map(({ stream, data, back }, index) => {
      const [id, key] = [`s ${index}`, 'subject:91110000802100433B'];
      const event = { id, stream, source: 's', key, time: AT + index * 1_000, at: AT + index * 1_000, data };
      return encodeRecord({
        kind: 'event',
        ...event,
        ...(back !== undefined && { revokes: `s ${back}` }),
      } as never);
    });
    await stores.log('events').append(0, records);
    const verdicts = life.flatMap(({ back }, offset) => {
      if (back === undefined) return [];
      const [position, original] = [offset, back].map((one) => ({ partition: 0, offset: one }));
      const verdict = { kind: 'verdict', verdict: 'revokes', code: 'REVOKED', position, original };
      return [encodeJson({ origin: { source: 'events/0', offset, ordinal: 0 }, verdict })];
    });
    await stores.log('verdicts').append(0, verdicts);
    let cuts = 0;
    const open = async () => {
      const source = new EventsSource(logs, () => life.length, 0, undefined, {
        warehouse,
        rules: () => rules,
      });
      const archive = new Archive(source, {
        ...{ logs, state: stores.state, warehouse, nonce: () => 'n', batch },
        probe: (name) => {
          if (name === 'after-insert' && (cuts += 1) % 3 === 0) throw new Error('cut off');
        },
      });
      await archive.open(false);
      return archive;
    };
    let archive = await open();
    for (;;) {
      const count = await archive.run().catch(async (error: Error) => {
        if (error.message !== 'cut off') throw error;
        archive = await open();
        return 1;
      });
      if (count === 0) return warehouse;
    }
  }

  it.each([1, 3, 100])('stand where their key stood when they came, in blocks of %i', async (batch) => {
    const warehouse = await archived(`blocks${batch}`, batch);
    const rows = await warehouse.query(
      `SELECT concat(toString(offset), ' ', toString(sign), ' ', stream, ' ', if(region = '', '""', region), ' ',
         if(industry = '', '""', industry), ' [', arrayStringConcat(domains, ','), ']') AS line
       FROM events ORDER BY offset, sign`,
    );
    expect(rows.map(({ line }) => line)).toEqual(EXPECTED);
    const profiles = await warehouse.query(
      'SELECT name, region, industry, domains, tags, credit FROM profiles_current',
    );
    expect(profiles).toEqual([
      {
        ...{ name: '甲店', region: '110105', industry: 'H6210', domains: ['food'] },
        tags: ['食品经营'],
        credit: 'D',
      },
    ]);
    const places = await warehouse.query(
      'SELECT region, industry, credit, sum(total) AS n FROM subjects_by_place GROUP BY ALL HAVING n != 0',
    );
    expect(places).toEqual([{ region: '110105', industry: 'H62', credit: 'D', n: 1 }]);
    const supervised = await warehouse.query(
      'SELECT domain, region, credit, sum(total) AS n FROM subjects_by_domain GROUP BY ALL HAVING n != 0',
    );
    expect(supervised).toEqual([{ domain: 'food', region: '110105', credit: 'D', n: 1 }]);
    const domains = await warehouse.query(
      "SELECT stream, domain, sum(total) AS n FROM events_by_domain WHERE stream = 'complaint' GROUP BY ALL HAVING n != 0 ORDER BY domain",
    );
    expect(domains).toEqual([
      { stream: 'complaint', domain: '', n: 1 },
      { stream: 'complaint', domain: 'food', n: 3 },
      { stream: 'complaint', domain: 'gas', n: 1 },
    ]);
    await warehouse.close();
  });

  it.each([1, 100])(
    'are of nobody registered once the last registration is taken back, in blocks of %i',
    async (batch) => {
      const life = [...LIFE, { stream: 'registration', data: {}, back: 1 }, complained()];
      const warehouse = await archived(`struck${batch}`, batch, life);
      const left = await warehouse.query(
        `SELECT (SELECT count() FROM profiles_current) AS profiles, (SELECT sum(total) FROM subjects_by_place) AS places,
         (SELECT sum(total) FROM subjects_by_domain) AS domains, (SELECT count() FROM profiles) > 4 AS moved`,
      );
      expect(left).toEqual([{ profiles: 0, places: 0, domains: 0, moved: 1 }]);
      await warehouse.close();
    },
  );
});
