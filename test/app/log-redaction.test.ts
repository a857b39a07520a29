// The log of a process: lines with code and next step, and nothing personal or secret, whatever was sent or failed.
import { Writable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ENDPOINTS } from '../../src/adapters/http/routes.js';
import { openLog } from '../../src/app/log.js';
import { maskText, MASK } from '../../src/app/log-masking.js';
import { CodedError } from '../../src/events/coded-error.js';
import { asWarehouseError } from '../../src/adapters/clickhouse/failure.js';
import { ClickHouseError } from '@clickhouse/client';
import { HERE, openOffice, type Office } from './office.js';

/** What nobody may find in a log. */
const NAME = '赵钱孙丽';
const PHONE = '13812345678';
const ID = '11010519491231002X';
const TOKEN = 'fh_Zm9yYmlkZGVuLXRva2VuLW9mLWEtdGVzdC1vbmx5';
const SECRET = 'not-for-any-log-7f3a';
const MARKS = [NAME, PHONE, ID, TOKEN, SECRET];
const ALL = MARKS.join(' ');

/** Everything that was said, as it would stand on standard error. */
class Lines extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
  get parsed(): { readonly [name: string]: unknown }[] {
    return this.text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as { readonly [name: string]: unknown });
  }
}

const leaked = (text: string) => MARKS.filter((mark) => text.includes(mark));

/** A model that reads a personal text as a number, which fails and is told to the operators. */
const FAILING = `model: food/number
title: 食品投诉
summary: 把投诉类别当作数值。
item: food
scope: subject
indicators: { places: { from: complaint, count: '*', where: 'double(event.category) > 2', over: 7d } }
levels: { yellow: 'places > 1' }
plan: plan
advise: 核实。
`;

const event = (id: string, more: object = {}) => ({
  ...{ specversion: '1.0', id, source: 'urn:example:test', type: 'fenghuo.complaint', subject: 'shop:1' },
  ...{ time: '2026-03-02T01:00:00Z', data: { category: ALL, complainant: NAME, phone: PHONE } },
  ...more,
});
/** Bodies of every kind of wrong. */
const BODIES: readonly (readonly [type: string, body: string])[] = [
  ['application/json', `{"name":"${ALL}`],
  ['application/json', `${ALL}`],
  ['application/json', JSON.stringify({ [ALL]: ALL, comment: ALL, reason: ALL, purpose: ALL, value: ALL })],
  ['application/json', JSON.stringify([ALL, { ...event('1'), [ALL]: ALL }])],
  ['application/json', JSON.stringify({ files: { 'food/a.yaml': `model: [${ALL}` }, note: ALL })],
  ['application/json', JSON.stringify({ type: 'feedback', department: ALL, finding: ALL, comment: ALL })],
  ['application/cloudevents+json', JSON.stringify(event(ALL, { type: `fenghuo.${ALL}` }))],
  ['application/cloudevents+json', JSON.stringify(event('2', { time: ALL }))],
  ['application/cloudevents+json', JSON.stringify(event('3', { time: '2999-01-01T00:00:00Z' }))],
  ['application/cloudevents+json', JSON.stringify(event('4', { data: { category: { [ALL]: ALL } } }))],
  ['application/cloudevents-batch+json', JSON.stringify([event('5'), event('6', { subject: ALL })])],
  ['application/x-ndjson', `${JSON.stringify(event('7'))}\n{"id":"${ALL}\n`],
  ['application/x-www-form-urlencoded', `token=${TOKEN}&name=${encodeURIComponent(ALL)}`],
  [`text/plain; name="${PHONE}"`, ALL],
];
const QUERY = `name=${encodeURIComponent(NAME)}&phone=${PHONE}&id=${ID}&token=${TOKEN}&secret=${SECRET}`;

const lines = new Lines();
const log = openLog('trace', lines);
let office: Office;
let warning = '';
beforeAll(async () => {
  office = await openOffice({}, new Map([['food/number.yaml', FAILING]]), undefined, { log });
  const [raised] = await office.raise([{ name: NAME, region: HERE, category: ALL, complainant: NAME }]);
  warning = raised ?? '';
});
afterAll(() => office.close());

/** Asks every path in every wrong way. */
async function askAll(headers: { readonly [name: string]: string } = {}): Promise<number[]> {
  const statuses: number[] = [];
  for (const { method, path } of ENDPOINTS) {
    for (const id of [warning, '0'.repeat(32)]) {
      const at = path.replace('{id}', id);
      const asked = method === 'GET' ? [['', ''] as const] : BODIES;
      for (const [type, body] of asked) {
        const sent = type === '' ? { ...headers } : { ...headers, 'content-type': type };
        const given = type === '' ? {} : { body };
        statuses.push((await office.ask(`${at}?${QUERY}`, { method, headers: sent, ...given })).status);
        if (type !== '') statuses.push((await office.ask(at, { method, headers: sent, ...given })).status);
      }
      if (!path.includes('{id}')) break;
    }
  }
  return statuses;
}

describe('what is sent', () => {
  it('is not in the log, whichever path refuses it and for whatever reason', async () => {
    const statuses = await askAll();
    expect(new Set(statuses)).toEqual(expect.objectContaining({ size: expect.any(Number) as number }));
    expect(statuses.filter((status) => status >= 400).length).toBeGreaterThan(100);
    await office.ask(`/${encodeURIComponent(NAME)}/${PHONE}?${QUERY}`);
    await office.ask(`/v1/warnings/${ID}`);
    await office.ask('/v1/warnings', {
      headers: { authorization: `Bearer ${TOKEN}`, cookie: `a=${SECRET}` },
    });
    await office.ask('/v1/warnings', {
      headers: { host: `${PHONE}.example`, origin: `https://${SECRET}.example` },
    });
    await office.pass(1_000);
    expect(leaked(lines.text)).toEqual([]);
  });

  it('is not in the line that tells operators of an expression that failed on it, which has its code', () => {
    const failed = lines.parsed.find(({ code }) => code === 'EXPR_TYPE');
    expect(failed).toMatchObject({ level: 50, model: 'food/number' });
    expect(failed?.['detail']).toContain('places');
  });
});

describe('errors of libraries that quote data', () => {
  const quoting = () => new TypeError(`Invalid value ${ALL} in JSON at position 3`);

  it('are told by class, code and place, from every store that fails beneath a request or a round', async () => {
    const { logs, vault } = office.embedded.folder;
    const parts: [object, string][] = [
      [logs.events, 'append'],
      [logs['dead-letters'], 'append'],
      [logs.inbox, 'append'],
      [logs.audit, 'append'],
      [logs.events, 'read'],
      [logs.inbox, 'read'],
      [vault, 'keep'],
      [vault, 'reveal'],
      [office.embedded.folder.lmdb.state, 'commit'],
      [office.embedded.folder.lmdb.state, 'load'],
    ];
    for (const [index, [part, name]] of parts.entries()) {
      const whole = part as { [name: string]: unknown };
      const before = whole[name];
      whole[name] = async () => Promise.reject(quoting());
      office.now += 1_000;
      await office.ask('/v1/events', { json: event(`q${index}`) });
      await office.ask('/v1/events', { json: event(`r${index}`, { time: ALL }) });
      await office.ask(`/v1/warnings/${warning}`);
      await office.act(warning, { type: 'sign', department: 'market' }, null, { 'x-department': 'market' });
      await office.ask('/v1/audit');
      whole[name] = before;
      await office.pass(1_000);
    }
    expect(leaked(lines.text)).toEqual([]);
    const told = lines.parsed.filter(({ error }) => error === 'TypeError');
    expect(told.length).toBeGreaterThan(parts.length / 2);
    for (const { code, next, frames } of told) {
      expect(code).toMatch(/^(?:INTERNAL|HTTP_INTERNAL)$/);
      expect(typeof next === 'string' && next.length > 20).toBe(true);
      expect((frames as string[])[0]).toContain('log-redaction.test.ts');
    }
  });

  it('of the warehouse are told without the values that it quotes', () => {
    const said = `Cannot parse string '${ALL}' as Float64: syntax error at position 3: (while reading the value of key amount): while converting '${PHONE}'`;
    const failed = asWarehouseError(
      new ClickHouseError({ message: said, code: '6', type: 'CANNOT_PARSE_TEXT' }),
      'inserting into events',
    );
    log.failure('warehouse', failed, 100);
    expect(leaked(failed.message)).toEqual([]);
    expect(failed.message).toContain('CANNOT_PARSE_TEXT');
    expect(leaked(lines.text)).toEqual([]);
  });
});

describe('a line of the log', () => {
  it('has the next step of its code where the message does not say it', () => {
    log.failure('pipeline', new CodedError('STORE_FULL'), 100);
    log.error({ code: 'STORE_FULL' }, 'a request failed');
    const [failure, error] = lines.parsed.slice(-2);
    expect(failure).toMatchObject({ code: 'STORE_FULL', stage: 'pipeline', retryInMs: 100 });
    expect(String(failure?.['msg'])).toContain('room');
    expect(error?.['next']).toContain('room');
    for (const { level, code, next, msg } of lines.parsed.filter(({ code: coded }) => coded !== undefined))
      if (Number(level) >= 40) expect([code, String(next ?? msg).length > 20]).toEqual([code, true]);
  });

  it.each([
    [`citizen ${ID} came`, `citizen ${MASK} came`],
    [`call +86 138-1234-5678 now`, `call ${MASK} now`],
    ['mail li@example.gov.cn', `mail ${MASK}`],
    [`Authorization: Bearer ${SECRET}`, `Authorization: Bearer ${MASK}`],
    ['redis://user:word@10.0.0.1:6379', `redis://${MASK}@10.0.0.1:6379`],
    ['https://qyapi.example/send?key=abc#x', `https://qyapi.example/send?${MASK}`],
    [`password=${SECRET}`, `password=${MASK}`],
    [`given ${TOKEN}`, `given ${MASK}`],
  ])('masks what looks personal or secret: %s', (said, masked) => {
    expect(maskText(said)).toBe(masked);
  });

  it('leaves alone what operators need: instants, figures, revisions, ids of warnings, addresses', () => {
    for (const text of [
      'clock 1772416800000, 52000 records behind',
      'warning 0123456789abcdef0123456789abcdef of revision 0123456789abcdef',
      'Kafka at 10.0.0.1:9092 does not answer; see http://127.0.0.1:8080/readyz',
      '91330106MA27XY1234 at 2026-03-02T01:00:00.000Z',
    ])
      expect(maskText(text)).toBe(text);
  });

  it('shows no more than a bounded part of what is large or deep', () => {
    const deep: { [name: string]: unknown } = {};
    let inner = deep;
    for (let depth = 0; depth < 50; depth++) inner = inner['x'] = {} as { [name: string]: unknown };
    log.warn({ deep, long: 'x'.repeat(100_000), many: Array.from({ length: 1_000 }, () => 1) }, 'large');
    expect(lines.text.split('\n').at(-2)?.length).toBeLessThan(6_000);
  });
});
