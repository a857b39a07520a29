// A bundle of evidence as one page to read: self-contained, in Chinese, and harmless whatever senders wrote.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { Transition } from '../engine/output.js';
import type { Bundle, BundleRecord } from '../evidence/bundle.js';
import type { Event, Json, StreamName } from '../events/event.js';
import { streamFields } from '../events/streams.js';
import type { RuleSet } from '../model/ruleset.js';
import { titleOf } from './drawn-task.js';
import { LEVEL_NAMES, localTime, nameOf, REASON_NAMES } from './wording.js';

const ZONE = 'Asia/Shanghai';
/** Ids of events that one record lists; the bundle has all that were recorded. */
const IDS_SHOWN = 50;

export const STREAM_NAMES: { readonly [stream in StreamName]: string } = {
  complaint: '投诉举报',
  inspection: '监督检查',
  penalty: '行政处罚',
  'credit-change': '信用变更',
  'sensor-reading': '感知数据',
  opinion: '网络舆情',
  judgment: '裁判文书',
  registration: '登记信息',
  rectification: '整改要求',
};

const STYLE = `
body{font:16px/1.6 "Noto Serif CJK SC","Source Han Serif SC",SimSun,serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.5rem;border-bottom:1px solid #999}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{border:1px solid #bbb;padding:.25rem .5rem;text-align:left;vertical-align:top;overflow-wrap:anywhere}
th{background:#f2f2f2;white-space:nowrap;font-weight:600}
code,pre{font:13px/1.5 "Noto Sans Mono CJK SC",Consolas,monospace;overflow-wrap:anywhere;white-space:pre-wrap}
.red{color:#b00}.orange{color:#b50}.yellow{color:#860}.blue{color:#05a}
.note{color:#555}@media print{details{display:block}}`;

/**
 * The page of a bundle.
 * @param sets rules by revision, for titles and names; where one is missing, codes stand in their place
 * @param digest SHA-256 of the bundle's file, so that the two are known to belong together
 */
export function evidencePage(bundle: Bundle, sets: ReadonlyMap<string, RuleSet>, digest: string): string {
  const newest = bundle.records[bundle.records.length - 1] as BundleRecord;
  const title = `预警证据：${nameIn(newest, sets)}`;
  const body = [
    `<h1>${escaped(title)}</h1>`,
    summary(bundle, sets, digest),
    ...bundle.records.map((record, index) => section(record, index + 1, sets)),
    seals(bundle),
    howToVerify(),
    rules(bundle),
  ];
  return [
    '<!doctype html>',
    '<html lang="zh-CN"><head><meta charset="utf-8">',
    '<meta http-equiv="content-security-policy" content="default-src \'none\'; style-src \'unsafe-inline\'">',
    '<meta name="viewport" content="width=device-width">',
    `<title>${escaped(title)}</title><style>${STYLE}</style></head><body>`,
    ...body,
    '</body></html>',
  ].join('\n');
}

function summary(
  { about, records, seals: sealed }: Bundle,
  sets: ReadonlyMap<string, RuleSet>,
  digest: string,
) {
  const last = sealed[sealed.length - 1];
  const first = records[0] as BundleRecord;
  const zone = zoneOf(transitionOf(first), sets);
  const what = 'warning' in about ? `预警 ${about.warning}` : `监管对象 ${about.subject}`;
  return `${table([
    ['证据范围', escaped(what)],
    ['记录', `${records.length} 条`],
    [
      '截至',
      `${escaped(localTime(last?.seal.time ?? 0, zone))}（第 ${last?.seal.number ?? 0} 号封印）；此后的情况本证据不作证明`,
    ],
    ['证据文件 SHA-256', `<code>${escaped(digest)}</code>`],
  ])}
<p class="note">本页只供阅读，以同名 JSON 文件为准。个人信息均以假名（p: 开头）表示，不含姓名、电话、证件号码原文。时间为 ${escaped(zone)} 时区。</p>`;
}

function section(record: BundleRecord, number: number, sets: ReadonlyMap<string, RuleSet>): string {
  const transition = transitionOf(record);
  const { level, previous, reason, indicators, params, contributions, revision, draw } = transition;
  const set = sets.get(revision);
  const zone = zoneOf(transition, sets);
  const model = set?.models.find(({ name }) => name === transition.model);
  const item = set?.catalogue.items.get(transition.item);
  const change = `${previous === 'none' ? '无预警' : LEVEL_NAMES[previous]} → <b class="${escaped(level)}">${escaped(LEVEL_NAMES[level])}</b>`;
  return `<h2>${number}．${escaped(localTime(transition.clock, zone))}　${escaped(REASON_NAMES[reason] ?? reason)}</h2>
${table([
  ['级别', change],
  [
    '对象',
    `${escaped(nameIn(record, sets))}（<code>${escaped(`${transition.scope}:${transition.key}`)}</code>）`,
  ],
  [
    '模型',
    `${escaped(titleOf(transition, model))}（<code>${escaped(transition.model)}</code>，规则版本 <code>${escaped(revision)}</code>）`,
  ],
  ...(draw === undefined
    ? []
    : [
        [
          '抽取依据',
          `${escaped(draw.reason)}（种子 <code>${escaped(draw.seed)}</code>，抽取记录摘要 <code>${escaped(draw.digest)}</code>）`,
        ] as const,
      ]),
  ...(model === undefined ? [] : [['模型说明', escaped(model.summary)] as const]),
  ['监管事项', `${escaped(item?.title ?? '')}（<code>${escaped(transition.item)}</code>）`],
  ['指标', figures(indicators)],
  ...(Object.keys(params).length === 0 ? [] : [['参数', figures(params)] as const]),
  ...(transition.score === undefined ? [] : [['评分', json(transition.score as unknown as Json)] as const]),
  ...(transition.panes === undefined
    ? []
    : [['分段数值', json(transition.panes as unknown as Json)] as const]),
  ['对象情况', figures(transition.profile)],
  ['依据事件', `共 ${contributions.total} 条${idList(contributions.events)}`],
  ['预警编号', `<code>${escaped(transition.warning)}</code>，第 ${transition.ordinal + 1} 次变化`],
  [
    '证据链',
    `链 ${escaped(record.chain)}，第 ${record.link.sequence} 条，散列 <code>${escaped(record.link.hash)}</code>`,
  ],
])}
${record.sample.map((event) => eventOf(event as unknown as Event, zone)).join('\n')}`;
}

function idList(events: Transition['contributions']['events']): string {
  if (events.length === 0) return '';
  const shown = events.slice(-IDS_SHOWN).map(({ id }) => `<code>${escaped(id)}</code>`);
  const more = events.length > shown.length ? `（此处列最近 ${shown.length} 条）` : '';
  return `${more}：${shown.join('、')}`;
}

function eventOf(event: Event, zone: string): string {
  return `<details open><summary>${escaped(STREAM_NAMES[event.stream] ?? event.stream)}　${escaped(localTime(event.time, zone))}　<code>${escaped(event.id)}</code></summary>
${table([
  ['发生时间', escaped(localTime(event.time, zone))],
  ['收到时间', escaped(localTime(event.at, zone))],
  ['来源', `<code>${escaped(event.source)}</code>`],
  ...Object.entries(event.data).map(([name, value]) => [labelOf(event, name), json(value)] as const),
])}</details>`;
}

/** What officials call a field of an event, and its name; HTML. */
function labelOf({ stream }: Event, name: string): string {
  const fields = Object.hasOwn(STREAM_NAMES, stream) ? streamFields(stream) : {};
  const described = Object.hasOwn(fields, name) ? fields[name]?.description : undefined;
  const [chinese = ''] = (described ?? '').split(' ');
  return `${escaped(chinese)} <code>${escaped(name)}</code>`;
}

function seals({ seals: sealed }: Bundle): string {
  const rows = sealed.map(
    ({ seal, id, key }) =>
      `<tr><td>${seal.number}</td><td>${escaped(new Date(seal.time).toISOString())}</td><td><code>${escaped(id)}</code></td><td><code>${escaped(key)}</code></td></tr>`,
  );
  return `<h2>封印</h2>
<table><tr><th>号</th><th>时间（UTC）</th><th>SHA-256</th><th>公钥（Ed25519）</th></tr>
${rows.join('\n')}</table>`;
}

function howToVerify(): string {
  return `<h2>怎样核验</h2>
<p>核验不需要联网，也不需要出具证据的系统。在装有烽火的任何一台机器上：</p>
<pre>fenghuo verify 证据文件.json --key 公钥 --seals 保管方的封印文件.ndjson</pre>
<p>公钥请向出具单位另行索取，封印文件请向外部保管方索取。不带这两项时，只能说明证据文件自身前后一致。证据格式公开，第三方可以自行编写核验程序。</p>`;
}

function rules({ rules: shown }: Bundle): string {
  const texts = shown.flatMap(({ revision, texts: files }) =>
    Object.entries(files).map(
      ([path, text]) =>
        `<details><summary><code>${escaped(path)}</code>（版本 ${escaped(revision)}）</summary><pre>${escaped(text)}</pre></details>`,
    ),
  );
  return `<h2>当时的规则</h2>\n${texts.join('\n')}`;
}

function figures(values: { readonly [name: string]: Json }): string {
  const rows = Object.entries(values).map(([name, value]) => [escaped(name), json(value)] as const);
  return rows.length === 0 ? '无' : table(rows);
}

/** @param rows what stands in them is HTML already */
function table(rows: readonly (readonly [name: string, html: string])[]): string {
  return `<table>${rows.map(([name, html]) => `<tr><th>${name}</th><td>${html}</td></tr>`).join('')}</table>`;
}

function json(value: Json): string {
  if (typeof value === 'string') return escaped(value);
  if (typeof value !== 'object' || value === null) return escaped(String(value));
  return `<pre>${escaped(JSON.stringify(value, null, 2))}</pre>`;
}

/** Text as text: no markup, and nothing that hides, or turns the direction of, what stands beside it. */
function escaped(text: string): string {
  return text
    .replace(/(?![\n\t])[\p{Control}\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu, codePoint)
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function codePoint(character: string): string {
  return `⟨U+${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/** What the engine recorded; the bundle's own type names only what a verifier reads. */
function transitionOf({ transition }: BundleRecord): Transition {
  return transition as unknown as Transition;
}

function nameIn(record: BundleRecord, sets: ReadonlyMap<string, RuleSet>): string {
  const transition = transitionOf(record);
  const catalogue: Catalogue | undefined = sets.get(transition.revision)?.catalogue;
  return catalogue === undefined ? transition.key : nameOf(transition, catalogue);
}

function zoneOf({ revision }: Transition, sets: ReadonlyMap<string, RuleSet>): string {
  return sets.get(revision)?.catalogue.calendar.zone ?? ZONE;
}
