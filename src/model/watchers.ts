// The models that watch over a declared cadence: one on each key that should speak, one on each source of theirs.
import { KEY_SCOPES, type KeyScope, type SourceName } from '../events/event.js';
import { CodedError } from '../events/coded-error.js';
import type { FieldType } from '../events/fields.js';
import { figureEnvironment, type ModelNames } from './environment.js';
import { compileExpression } from './expression/compile.js';
import type { Expression } from './expression/expression.js';
import { hashOf } from './identity.js';
import type { FeedOperator, LevelRule, Model, WarningLevel, WindowIndicator } from './model.js';
import type { Report } from './report.js';
import type { ExpectContent } from './shape.js';
import { checkSource } from './sources.js';
import { standingOf, type UnplacedModel } from './strata.js';
import { nodeAt, type YamlNode } from './yaml.js';
import { NOTHING_READ } from './sequence-entry.js';

/** After the name of the model that declares the cadence; no path of a model holds a colon. */
const KEY_SUFFIX = ':feed';
const SOURCE_SUFFIX = ':source';
/** So many keys of a source, and three in ten of them, are silent where the source itself is. */
const SILENT_MIN = 10;

/** Where a cadence is declared. */
export interface Declaring {
  readonly report: Report;
  readonly root: YamlNode;
  readonly names: ModelNames;
  readonly model: UnplacedModel;
}

/** The models that watch over the cadence of a model; none where it has a fault, which is then in the report. */
export function watchersOf(declaring: Declaring, content: ExpectContent): Model[] {
  const { report, root, names, model } = declaring;
  const scope = KEY_SCOPES.find((one) => one === content.of);
  if (scope === undefined) {
    const message = `"${content.of}" does not speak by itself`;
    report.add('MODEL_EXPECT', nodeAt(root, ['expect', 'of']), message, {
      expected: `one of ${KEY_SCOPES.join(', ')}`,
      sought: { name: content.of, among: KEY_SCOPES },
    });
    return [];
  }
  const node = nodeAt(root, ['expect', 'from']);
  const from = checkSource(report, { ...names, scope }, content.from, node);
  if (from === null) return [];
  if (from === 'warning') {
    report.add('MODEL_EXPECT', node, 'warnings keep no cadence', { expected: 'a stream that arrives' });
    return [];
  }
  const key = keyWatcher(declaring, scope, from, content.every);
  const watcher = sourceWatcher(names, model, content.every, key);
  return [
    {
      ...key,
      feed: {
        kind: 'key',
        of: model.name,
        everyMs: content.every,
        watcher: watcher.name,
        stratum: watcher.stratum,
      },
    },
    watcher,
  ];
}

/** Watches over one key. It is told of only after a second cadence, when all keys of a dead source have fallen silent. */
function keyWatcher({ names, model }: Declaring, scope: KeyScope, from: SourceName, everyMs: number): Model {
  const name = model.name + KEY_SUFFIX;
  const missed = feedIndicator(name, 'missed', 0, { from: [from], everyMs });
  const unplaced: UnplacedModel = {
    ...plain(model, name),
    title: '未按时上报数据',
    summary: `应当至少每${spanText(everyMs)}上报一次，已连续两次没有上报。`,
    scope,
    // What says which keys the model speaks about says so over their profile.
    where: scope === model.scope ? model.where : null,
    indicators: [missed],
    levels: [level(names, scope, 'blue', 'missed >= 2', [missed])],
    plan: model.plan,
    advise: '联系使用单位和运维单位，查明是断电、断网还是设备损坏；已经拆除的，登记停用。',
  };
  return { ...unplaced, ...standingOf(unplaced) };
}

/** Watches over a source. It speaks again only after a whole cadence, when every key that can has spoken. */
function sourceWatcher(names: ModelNames, model: UnplacedModel, everyMs: number, key: Model): Model {
  const name = model.name + SOURCE_SUFFIX;
  const counted = (['keys', 'silent'] as const).map((operator, index) =>
    feedIndicator(name, operator, index, { from: [], everyMs }),
  );
  const condition = `silent >= ${SILENT_MIN} && silent * 10 >= keys * 3`;
  return {
    ...plain(model, name),
    title: '数据源中断',
    summary: `同一数据源三成以上并且十个以上对象超过${spanText(everyMs)}没有上报。`,
    scope: 'source',
    indicators: counted,
    levels: [level(names, 'source', 'orange', condition, counted)],
    holdMs: everyMs,
    advise:
      '联系数据源的运维单位尽快恢复。恢复以前，仅凭这个数据源没有数据作出的预警暂不推送；恢复以后仍然成立的，再行推送。',
    readsOwner: false,
    stratum: key.stratum + 1,
    feed: { kind: 'source', of: model.name },
  };
}

/** What both have in common with the model that declares the cadence, and what they have not. */
function plain({ domain, item }: UnplacedModel, name: string): Omit<UnplacedModel, 'scope'> {
  return {
    name,
    domain,
    title: '',
    summary: '',
    item,
    where: null,
    params: [],
    indicators: [],
    score: null,
    levels: [],
    forMs: 0,
    holdMs: 0,
    plan: null,
    advise: '',
    task: null,
    feed: null,
  };
}

const NUMBER: FieldType = { type: 'number' };

function feedIndicator(
  model: string,
  operator: FeedOperator,
  index: number,
  { from, everyMs }: { readonly from: readonly SourceName[]; readonly everyMs: number },
): WindowIndicator {
  return {
    kind: 'window',
    name: operator,
    index,
    type: NUMBER,
    nullable: operator === 'missed',
    operator,
    from,
    warningsOf: null,
    alsoAsked: [],
    where: operator === 'missed' ? LIVE : null,
    argument: operator === 'missed' ? SOURCE : null,
    end: 'last',
    q: 0.5,
    overMs: everyMs,
    keptMs: 0,
    basis: 'arrival',
    panes: null,
    keepsEntries: false,
    approx: false,
    baseline: null,
    versus: false,
    densestMs: null,
    sequence: null,
    // Each model counts for itself, so two that declare the same cadence share nothing.
    identity: hashOf({ operator, model, from, everyMs }),
  };
}

function level(
  names: ModelNames,
  scope: Model['scope'],
  name: WarningLevel,
  condition: string,
  indicators: readonly WindowIndicator[],
): LevelRule {
  const symbols = indicators.map((one) => ({ ...one, since: false }));
  const environment = figureEnvironment({ ...names, scope, params: [] }, symbols);
  const result = compileExpression(condition, environment, 'bool');
  if (!result.ok) throw new CodedError('INTERNAL', `The condition of a ${scope} does not compile.`);
  return { level: name, condition: result.expression, clear: null };
}

/** History that is loaded after the fact is no sign of life. No expression of the language can ask for that. */
const LIVE: Expression = {
  source: 'live',
  type: { type: 'bool' },
  nullable: false,
  cost: 1,
  reads: NOTHING_READ,
  run: ({ event }) => event?.backfill !== true,
  nextChange: () => Infinity,
};

/** Whom an event comes from. */
const SOURCE: Expression = {
  ...LIVE,
  source: 'event.source',
  type: { type: 'string' },
  run: ({ event }) => event?.source ?? null,
};

const UNITS = [
  [86_400_000, '天'],
  [3_600_000, '小时'],
  [60_000, '分钟'],
  [1_000, '秒'],
] as const;

/** `1 小时 30 分钟`, with a space before it to stand within Chinese text. */
function spanText(spanMs: number): string {
  let rest = spanMs;
  let text = '';
  for (const [unitMs, unit] of UNITS) {
    const count = Math.floor(rest / unitMs);
    if (count > 0) text += ` ${count} ${unit}`;
    rest -= count * unitMs;
  }
  return text;
}
