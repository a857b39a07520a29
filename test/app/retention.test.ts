// Clear personal values at the end of their term, and legal holds that keep them.
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Retaining } from '../../src/app/retaining.js';
import { RunningFront } from '../../src/app/front.js';
import { openMetrics } from '../../src/app/telemetry.js';
import { pseudonymOf } from '../../src/events/pseudonym.js';
import { loadRules } from '../../src/model/load.js';
import { PersonalIndex } from '../../src/pipeline/retention/personal-index.js';
import { NOW, openOffice, RULE_FILES, type Office } from './office.js';

const DAY_MS = 86_400_000;
const SITE_KEY = new Uint8Array(32).fill(3);
const named = (name: string) => pseudonymOf('name', name, SITE_KEY);
const TERMS = 'personal: { complaint: 30d, dead-letters: 10d }';
const CALLER = { id: 'op', role: 'operator', department: null, region: null } as const;
const QUIET = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  failure: () => undefined,
};

let office: Office;
let front: RunningFront;

/** As after a start: nothing of a former one is at hand but what was kept. */
function retaining(more: Partial<ConstructorParameters<typeof Retaining>[0]> = {}): Retaining {
  const { embedded } = office;
  return new Retaining({
    ...{ folder: embedded.folder, rules: () => embedded.rules, now: () => office.now, log: QUIET },
    underWay: () => embedded.ingest.underWay,
    ...more,
  });
}

function complaint(subject: string, complainant: string, more: object = {}): object {
  return {
    ...{ specversion: '1.0', id: randomUUID(), source: 'urn:example:test', type: 'fenghuo.complaint' },
    ...{
      subject,
      time: new Date(office.now).toISOString(),
      data: { category: '食品', complainant },
      ...more,
    },
  };
}

async function post(...events: object[]): Promise<void> {
  await office.embedded.accept(JSON.stringify(events));
  await office.embedded.drain();
}

const kept = (name: string) => office.embedded.folder.vault.reveal(named(name));
const hold = (subject: string, untilDays: number, keeper = retaining()) =>
  keeper.hold({
    ...{ do: 'add', subject: `subject:${subject}`, reason: '行政复议', by: '张三（法制科）' },
    until: office.now + untilDays * DAY_MS,
  });
const noted = async (what: string) => (await office.audit()).filter((entry) => entry['what'] === what);

beforeAll(async () => {
  office = await openOffice({}, new Map([['catalogue/retention.yaml', TERMS]]));
  front = new RunningFront();
  front.show(office.embedded, openMetrics(office.embedded, new Map()), undefined, (pseudonym) =>
    retaining().holding(pseudonym),
  );
});
afterAll(() => office.close());

describe('a clear personal value', () => {
  it('is erased when its term is over, counted from its last mention, and the record has no value', async () => {
    await post(complaint('shop:1', '甲某'), complaint('shop:1', '乙某'));
    await office.pass(20 * DAY_MS);
    await post(complaint('shop:2', '乙某'));
    expect(await retaining().daily()).toEqual({ erased: 0, held: 0, whole: true });
    await office.pass(10 * DAY_MS);
    expect(await retaining().daily()).toEqual({ erased: 1, held: 0, whole: true });
    expect([await kept('甲某'), await kept('乙某')]).toEqual([undefined, '乙某']);
    expect(await noted('erase-by-term')).toEqual([
      {
        ...{ at: NOW + 30 * DAY_MS, account: null, role: null, department: null, what: 'erase-by-term' },
        ...{
          pseudonym: named('甲某'),
          reason: 'catalogue/retention.yaml: personal.complaint 30d',
          outcome: 'done',
        },
      },
    ]);
    expect(JSON.stringify(await office.audit())).not.toContain('甲某');
  });

  it('is looked at once a day', async () => {
    expect(await retaining().daily()).toBeNull();
    await office.pass(DAY_MS);
    expect(await retaining().daily()).toEqual({ erased: 0, held: 0, whole: true });
  });

  it('is kept anew where the person is named again, and has a term of its own from then', async () => {
    await post(complaint('shop:1', '甲某'));
    expect(await kept('甲某')).toBe('甲某');
    await office.pass(29 * DAY_MS);
    await retaining().daily();
    expect(await kept('甲某')).toBe('甲某');
    await office.pass(DAY_MS);
    await retaining().daily();
    expect(await kept('甲某')).toBeUndefined();
  });

  it('is kept without end where a stream without a term brought it as well', async () => {
    const opinion = { type: 'fenghuo.opinion', data: { platform: '微博', author: '丙某', sentiment: 0 } };
    await post(complaint('shop:1', '丙某'), complaint('shop:1', '丙某', opinion));
    await office.pass(40 * DAY_MS);
    await retaining().daily();
    expect(await kept('丙某')).toBe('丙某');
  });

  it('goes with the original of a dead letter', async () => {
    await post(complaint('shop:1', '丁某', { data: { complainant: '丁某' } }));
    const letters = office.embedded.folder.logs['dead-letters'];
    const [letter] = await letters.read(0, (await letters.end(0)) - 1, 1);
    const { original } = JSON.parse(Buffer.from(letter?.value ?? []).toString()) as { original: string };
    const piece = () => office.embedded.folder.vault.reveal(`${original}/0`);
    expect(await piece()).toContain('丁某');
    await office.pass(10 * DAY_MS);
    await retaining().daily();
    expect(await piece()).toBeUndefined();
    expect((await noted('erase-by-term')).at(-1)).toMatchObject({ pseudonym: original });
  });

  it('is left for the next day while events keep coming', async () => {
    await post(complaint('shop:1', '戊某'));
    await office.pass(31 * DAY_MS);
    expect(await retaining({ underWay: () => 1 }).daily()).toMatchObject({ whole: false });
    expect(await kept('戊某')).toBe('戊某');
    expect(await retaining().daily()).toMatchObject({ erased: 1, whole: true });
    expect(await kept('戊某')).toBeUndefined();
  });
});

describe('a legal hold', () => {
  it('keeps what events of its subject mention out of retention and of erasure, until it ends', async () => {
    await post(complaint('shop:7', '己某'), complaint('shop:8', '庚某'));
    const [ordered] = await hold('shop:7', 60);
    expect(await noted('hold')).toMatchObject([
      {
        hold: ordered?.id,
        subject: 'subject:shop:7',
        by: '张三（法制科）',
        reason: '行政复议',
        outcome: 'done',
      },
    ]);
    await office.pass(31 * DAY_MS);
    expect(await retaining().daily()).toMatchObject({ erased: 1, held: 1 });
    expect([await kept('己某'), await kept('庚某')]).toEqual(['己某', undefined]);

    const order = { kind: 'name', value: '己某', reason: '本人申请' } as const;
    await expect(front.erase(order, CALLER)).rejects.toMatchObject({ code: 'PERSONAL_HELD' });
    expect((await office.audit()).at(-1)).toMatchObject({ what: 'erase', outcome: 'PERSONAL_HELD' });
    expect(await kept('己某')).toBe('己某');

    await retaining().hold({ do: 'end', id: ordered?.id ?? '', by: '张三', reason: '结案' });
    expect(await noted('end-hold')).toMatchObject([{ hold: ordered?.id, by: '张三', reason: '结案' }]);
    expect(await retaining().hold({ do: 'list' })).toEqual([]);
    expect(await front.erase(order, CALLER)).toBe(true);
    expect(await kept('己某')).toBeUndefined();
  });

  it('lapses by itself', async () => {
    await post(complaint('shop:9', '辛某'));
    await hold('shop:9', 40);
    await office.pass(39 * DAY_MS);
    await retaining().daily();
    expect(await kept('辛某')).toBe('辛某');
    await office.pass(DAY_MS);
    await retaining().daily();
    expect(await kept('辛某')).toBeUndefined();
  });

  it('counts for a mention that came just before the request', async () => {
    await hold('shop:10', 5);
    await post(complaint('shop:10', '壬某'));
    const order = { kind: 'name', value: '壬某', reason: '本人申请' } as const;
    await expect(front.erase(order, CALLER)).rejects.toMatchObject({ code: 'PERSONAL_HELD' });
  });

  it('keeps the original of a dead letter that names its subject', async () => {
    await hold('shop:11', 50);
    await post(complaint('shop:11', '癸某', { data: { complainant: '癸某' } }));
    await office.pass(20 * DAY_MS);
    expect(await retaining().daily()).toMatchObject({ held: expect.any(Number) as number });
    const letters = office.embedded.folder.logs['dead-letters'];
    const [letter] = await letters.read(0, (await letters.end(0)) - 1, 1);
    const { original } = JSON.parse(Buffer.from(letter?.value ?? []).toString()) as { original: string };
    expect(await office.embedded.folder.vault.reveal(`${original}/0`)).toContain('癸某');
  });

  it('is refused without a subject, reason, name or an end in the future', async () => {
    const good = { do: 'add', subject: 'subject:shop:1', reason: '案件', by: '李四' } as const;
    const until = office.now + DAY_MS;
    for (const fault of [
      { subject: 'shop:1' },
      { reason: ' ' },
      { by: '' },
      { by: 'x'.repeat(101) },
      { until: office.now },
      { until: NaN },
      { until: office.now + 4_000 * DAY_MS },
    ])
      await expect(retaining().hold({ ...good, until, ...fault })).rejects.toMatchObject({
        code: 'HOLD_INVALID',
      });
    const end = { do: 'end', id: '0'.repeat(16), by: '李四', reason: '案件' } as const;
    await expect(retaining().hold(end)).rejects.toMatchObject({ code: 'HOLD_UNKNOWN' });
  });
});

describe('the index of mentions', () => {
  it('goes on where it ended, and says the same as one that reads everything at once', async () => {
    const { logs, state } = office.embedded.folder;
    const index = new PersonalIndex({ logs, state, nonce: randomUUID });
    await index.catchUp();
    expect(index.position()).toBe(await logs.events.end(0));
    await post(complaint('shop:20', '甲乙某'));
    await index.catchUp();
    expect(await index.mention(named('甲乙某'))).toEqual({ at: { complaint: office.now } });
    expect(await index.subjectsOf(named('甲乙某'), ['subject:shop:20', 'subject:shop:21'])).toEqual([
      'subject:shop:20',
    ]);
    await index.forget(named('甲乙某'), () => false);
    expect(await index.mention(named('甲乙某'))).toBeDefined();
    await index.forget(named('甲乙某'), () => true);
    expect(await index.mention(named('甲乙某'))).toBeUndefined();
    expect(await index.subjectsOf(named('甲乙某'), ['subject:shop:20'])).toEqual([]);
  });
});

describe('catalogue/retention.yaml', () => {
  const codes = (text: string) =>
    loadRules(new Map([...RULE_FILES, ['catalogue/retention.yaml', text]]))
      .diagnostics.filter(({ severity }) => severity === 'error')
      .map(({ code, message, expected }) => `${code} ${message} ${expected ?? ''}`);

  it('is checked as the rules are', () => {
    expect(codes(TERMS)).toEqual([]);
    expect(codes('personal: { complaints: 30d }').join()).toMatch(/CATALOGUE/);
    expect(codes('personal: { complaint: 30 }').join()).toMatch(/duration/);
    expect(codes('personal: { complaint: 12h }').join()).toMatch(/a day/);
  });
});
