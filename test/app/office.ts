// A running system behind its real HTTP front: a small catalogue, warnings on shops, and accounts of every kind.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decompress } from '../../src/adapters/compression/compression.js';
import { openHttpFront, type FailureEntry, type HttpInput } from '../../src/adapters/http/http.js';
import { Embedded } from '../../src/app/embedded.js';
import type { Channels } from '../../src/app/delivering.js';
import type { Log } from '../../src/app/log.js';
import { RunningFront } from '../../src/app/front.js';
import { openMetrics } from '../../src/app/telemetry.js';
import type { Role } from '../../src/events/act.js';
import type { PersonalSettings } from '../../src/events/personal-access.js';
import { loadRules } from '../../src/model/load.js';
import { decodeJson } from '../../src/pipeline/checkpoint.js';
import { ask, type Answer, type Asked } from '../adapters/http/opened.js';

export const NOW = Date.UTC(2026, 2, 2, 2);
export const HERE = '330106';
export const THERE = '330199';

export const RULE_FILES: ReadonlyMap<string, string> = new Map([
  [
    'catalogue/items.yaml',
    `food: { title: 食品经营监督检查, domain: 食品, lead: market, cooperating: [health], object: 食品经营者,
        method: 现场检查, level: county,
        legal: [ { law: 中华人民共和国食品安全法, article: 第一百一十条, from: 2015-10-01 } ] }`,
  ],
  [
    'catalogue/departments.yaml',
    `county: { name: 县人民政府 }
market: { name: 市场监督管理局, superior: county }
health: { name: 卫生健康局, superior: county }
ecology: { name: 生态环境局, superior: city }
city: { name: 市生态环境局 }
police: { name: 公安局, superior: county }`,
  ],
  ['catalogue/regions.yaml', `"${HERE}": 西湖区\n"${THERE}": 模拟县`],
  [
    'catalogue/plans.yaml',
    `plan: { title: 食品核查预案, levels: { yellow: { action: 逐件核实投诉, sign_within: 2h,
        feedback_within: 1 workdays, close_within: 5 workdays } } }`,
  ],
  ['catalogue/calendar.yaml', '{ zone: Asia/Shanghai, years: [2020, 2026], holidays: [], workdays: [] }'],
  [
    'food/complained.yaml',
    `model: food/complained
title: 食品经营者被投诉
summary: 七日内有食品投诉即为黄色。
item: food
scope: subject
indicators: { complaints: { from: complaint, count: '*', over: 7d } }
score:
  - { name: 投诉, weight: 30, of: 'complaints', low: 0, high: 3 }
levels: { yellow: 'score >= 1' }
plan: plan
advise: 核实投诉。`,
  ],
]);

export interface Account {
  readonly role: Role;
  readonly department?: string | null;
  readonly region?: string | null;
}

/** What is said of a shop before it is complained about. */
export interface Shop {
  readonly name: string;
  readonly region: string;
  readonly category?: string;
  readonly complainant?: string;
}

/** A model that some rules try out. */
export const TRIED = `model: food/tried
title: 食品经营者再被投诉
summary: 三十日内有食品投诉即为蓝色，两件为橙色。
item: food
scope: subject
indicators: { complaints: { from: complaint, count: '*', over: 30d } }
levels: { orange: 'complaints >= 2', blue: 'complaints >= 1' }
plan: plan
advise: 核实投诉。
`;

export interface Office {
  readonly url: string;
  readonly embedded: Embedded;
  /** The data folder. */
  readonly data: string;
  readonly failures: FailureEntry[];
  /** What the clocks of the system and of the front say, epoch ms. */
  now: number;
  /** Gives a token. */
  token(id: string, account: Account): Promise<string>;
  /** Raises one warning for each shop. @returns their ids in that order */
  raise(shops: readonly Shop[]): Promise<string[]>;
  /** Lets time pass. */
  pass(ms: number): Promise<void>;
  ask(
    path: string,
    asked?: Asked & { readonly token?: string | null; readonly json?: unknown },
  ): Promise<Answer>;
  act(warning: string, act: unknown, token: string | null, headers?: Asked['headers']): Promise<Answer>;
  /** The audit log as it lies on the disk. */
  audit(): Promise<{ readonly [name: string]: unknown }[]>;
  close(): Promise<void>;
}

/**
 * Opens it; it is open to everybody until a token is given.
 * @param more files of rules, in place of those of the same name
 * @param beside where its log goes, and its channels besides inbox files; nowhere and none where left out
 */
export async function openOffice(
  http: Partial<HttpInput> = {},
  more: ReadonlyMap<string, string> = new Map(),
  personal?: PersonalSettings,
  beside: { readonly log?: Log; readonly channels?: Channels } = {},
): Promise<Office> {
  const clock = { now: NOW };
  const files = new Map([...RULE_FILES, ...more]);
  const { embedded, dir } = await startEmbedded(() => clock.now, files, beside);
  const failures: FailureEntry[] = [];
  const front = new RunningFront();
  front.show(embedded, openMetrics(embedded, new Map()), personal);
  const listening = await openHttpFront(
    front,
    { port: 0, ...http },
    (entry) => {
      failures.push(entry);
      beside.log?.error(entry, 'a request failed');
    },
    {
      now: () => clock.now,
      decompress,
    },
  );
  const office: Office = {
    url: listening.url,
    embedded,
    data: dir,
    failures,
    get now() {
      return clock.now;
    },
    set now(at) {
      clock.now = at;
    },
    token: (id, { role, department = null, region = null }) => {
      const expires = Date.now() + 86_400_000;
      return embedded.folder.tokens.grant({ id, role, department, region, expires }, Date.now());
    },
    raise: (shops) => raise(office, shops),
    pass: async (ms) => {
      clock.now += ms;
      await embedded.ingest.tick(clock.now);
      await embedded.drain();
    },
    ask: (path, { token, json, headers, ...asked } = {}) =>
      ask(listening.url, path, {
        ...asked,
        ...(json === undefined ? {} : { body: JSON.stringify(json) }),
        headers: {
          ...(json === undefined ? {} : { 'content-type': 'application/json' }),
          ...(typeof token === 'string' ? { authorization: `Bearer ${token}` } : {}),
          ...headers,
        },
      }),
    act: (warning, act, token, headers = {}) =>
      office.ask(`/v1/warnings/${warning}/actions`, { json: act, token, headers }),
    audit: async () =>
      (await embedded.folder.logs.audit.read(0, 0, 10_000)).map(({ value }) =>
        decodeJson<{ readonly [name: string]: unknown }>(value),
      ),
    close: async () => {
      await listening.close();
      await embedded.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
  return office;
}

async function startEmbedded(
  now: () => number,
  files: ReadonlyMap<string, string>,
  { log = QUIET, channels }: Parameters<typeof openOffice>[3] & object,
): Promise<{ embedded: Embedded; dir: string }> {
  const dir = mkdtempSync(join(tmpdir(), 'fenghuo-office-'));
  const { rules, diagnostics } = loadRules(files);
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  const embedded = await Embedded.start({
    dataDir: dir,
    siteKey: new Uint8Array(32).fill(3),
    rules,
    files,
    now,
    log,
    channels,
    probe: () => undefined,
    replay: null,
    warehouse: false,
    holders: { file: null, timestamps: null },
  });
  await embedded.catchUp();
  await embedded.goLive();
  return { embedded, dir };
}

const QUIET: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  failure: () => undefined,
};

let serial = 0;

async function raise(office: Office, shops: readonly Shop[]): Promise<string[]> {
  const events = shops.flatMap(({ name, region, category = '食品异物', complainant }) => {
    const [subject, time] = [`shop:${++serial}`, new Date(office.now).toISOString()];
    const event = { specversion: '1.0', source: 'urn:example:test', subject, time };
    return [
      {
        ...event,
        id: `r${serial}`,
        type: 'fenghuo.registration',
        data: { kind: 'enterprise', name, region },
      },
      {
        ...event,
        id: `c${serial}`,
        type: 'fenghuo.complaint',
        data: { category, ...(complainant && { complainant }) },
      },
    ];
  });
  const before = serial - shops.length;
  const { accepted } = await office.embedded.accept(JSON.stringify(events));
  if (accepted !== events.length) throw new Error(`${accepted} of ${events.length} events were accepted`);
  await office.pass(1_000);
  const states = await office.embedded.book.list(0, 10_000);
  return shops.map((_shop, index) => {
    const key = `shop:${before + index + 1}`;
    const state = states.find(({ latest }) => latest.transition.key === key);
    if (state === undefined) throw new Error(`no warning on ${key}`);
    return state.warning;
  });
}

/** The actions that a warning says a caller may take. */
export function allowedIn(answer: Answer): unknown {
  return (JSON.parse(answer.text) as { allowed?: unknown }).allowed;
}
