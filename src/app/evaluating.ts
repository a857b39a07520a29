// fenghuo evaluate, composed: the credit evaluation of a quarter, its signed record, and a summary to each department.
import { DateTime } from 'luxon';
import type { BulletinRecord } from '../alerts/inbox.js';
import { itemsOver } from '../alerts/joint-draw.js';
import { localTime } from '../alerts/wording.js';
import { EVALUATION_CLASSES, type EvaluationRules } from '../catalogue/evaluation-rules.js';
import type { Department } from '../catalogue/catalogue.js';
import {
  classOf,
  EVALUATION_RECORD,
  evaluationDigest,
  sealedEvaluation,
  signedBytes,
  verifyEvaluation,
  type EvaluatedSubject,
  type EvaluationDraft,
  type EvaluationFault,
  type EvaluationRecord,
} from '../evidence/evaluation.js';
import { CodedError } from '../events/coded-error.js';
import type { Model } from '../model/model.js';
import { needsOf, reachOf } from '../model/reach.js';
import { LoggedHistory } from '../pipeline/history/logged-history.js';
import { mergedHistory } from '../pipeline/history/merged-history.js';
import { releasedUntil } from '../pipeline/retention/released.js';
import { scoresAt, scoringModel, type ScoredSubject } from '../pipeline/scores.js';
import { sinceOf } from '../pipeline/shadow/replay.js';
import { announce, bulletinFor } from './announcing.js';
import { readStores, type ReadStores } from './folder-reading.js';
import type { HistoryPlace } from './history-place.js';
import type { Place } from './place.js';
import { keyOf, readRecord, writeText } from './record-files.js';

export interface EvaluateRequest {
  readonly place: Place;
  /** For example 2026Q3. */
  readonly quarter: string;
  readonly out: string | undefined;
}

export interface EvaluateResult {
  readonly record: EvaluationRecord;
  readonly path: string;
  /** Departments that are told of it when the system runs next; 0 where they were told before. */
  readonly told: number;
  readonly zone: string;
}

/** A quarter; instants are epoch ms. */
interface Quarter {
  readonly name: string;
  /** In words, for officials. */
  readonly title: string;
  readonly from: number;
  /** The beginning of the next one. */
  readonly until: number;
}

const BYTES_MAX = 1024 * 1024 * 1024;
const NUMERALS = ['一', '二', '三', '四'];
/** Subjects of the worst class that a summary names. */
const NAMED_MAX = 20;

/**
 * Evaluates a quarter, writes the record, and lets every department be told of it once.
 * @throws CodedError USAGE, EVALUATION_*, FILE_WRITE, and as `readStores` does
 */
export async function evaluateQuarter(request: EvaluateRequest): Promise<EvaluateResult> {
  const result = await readStores(request.place, 'no evaluation; stop it first', (found) =>
    evaluateIn(found, request),
  );
  if (result === null) throw new CodedError('EVALUATION_EMPTY', 'Nothing ever ran there.');
  return result;
}

async function evaluateIn(
  found: ReadStores,
  { place, quarter: asked, out }: EvaluateRequest,
): Promise<EvaluateResult> {
  const { stores, rules } = found;
  const { evaluation, calendar } = rules.catalogue;
  if (evaluation === null) throw new CodedError('EVALUATION_MODEL', 'There is no catalogue/evaluation.yaml.');
  const quarter = quarterOf(asked, calendar.zone);
  refuseEarly(quarter, found.evaluated, calendar.zone);
  const model = scoringModel(rules, evaluation.model);
  const at = quarter.until - 1;
  const scored = await scoredIn(place, found, { model, quarter });
  if (scored.length === 0) throw new CodedError('EVALUATION_EMPTY', `The data begin after ${asked}.`);
  const draft: EvaluationDraft = {
    quarter: quarter.name,
    from: new Date(quarter.from).toISOString(),
    at: new Date(at).toISOString(),
    revision: rules.revision,
    model: model.name,
    bounds: evaluation.bounds,
    subjects: scored.map((one) => evaluated(one, evaluation)),
  };
  const digest = evaluationDigest(draft);
  const name = `evaluation/${quarter.name}`;
  const known = await stores.values.get(name);
  const before = known === undefined ? null : Buffer.from(known).toString('utf8');
  if (before !== null && before !== digest)
    throw new CodedError(
      'EVALUATION_DIFFERS',
      `${quarter.name}: it was ${before}, and would be ${digest} now.`,
    );
  const signer = await stores.sealSigner();
  const signature = Buffer.from(await signer.sign(signedBytes(digest))).toString('hex');
  const record = sealedEvaluation(draft, { digest, key: signer.publicKey, signature });
  const path = out ?? `evaluation-${quarter.name}.json`;
  await writeText(path, JSON.stringify(record), true);
  const bulletins = before === null ? bulletinsOf(found, quarter, record, scored) : [];
  await announce(stores.logs.inbox, bulletins);
  // Were it lost, the same bulletins would be sent again, under ids that are known.
  if (before === null) await stores.values.put(name, Buffer.from(digest));
  return { record, path, told: bulletins.length, zone: calendar.zone };
}

/** What is scored. */
interface Asked {
  readonly model: Model;
  readonly quarter: Quarter;
}

/** Scores by the history, of a data folder as its log has it, else as the archive and the log have it. */
async function scoredIn(place: Place, found: ReadStores, asked: Asked): Promise<readonly ScoredSubject[]> {
  if ('dataDir' in place) {
    const { events } = found.stores.logs;
    const history = new LoggedHistory(events, 1);
    return scoredBy({ history, ends: [await events.end(0)] }, found, asked);
  }
  // Loaded here, so that a data folder does not pay for the clients of servers.
  const { openHistory } = await import('./history-place.js');
  const opened = await openHistory(place);
  try {
    return await scoredBy(opened, found, asked);
  } finally {
    await opened.close();
  }
}

type Read = Pick<HistoryPlace, 'history' | 'ends'>;

async function scoredBy(read: Read, found: ReadStores, asked: Asked): Promise<readonly ScoredSubject[]> {
  await refuseReleased(read, found, asked);
  const { model, quarter } = asked;
  const upTo = { sinceMs: -Infinity, always: [], beforeMs: quarter.until, ends: read.ends };
  const scored = await scoresAt(mergedHistory(read.history, upTo), found.rules, model, quarter.until - 1);
  // Servers run meanwhile, and may have let go of what was not read yet.
  await refuseReleased(read, found, asked);
  return scored;
}

/** @throws CodedError EVALUATION_RELEASED where events that the model counts at the end of the quarter are gone */
async function refuseReleased(
  { history, ends }: Read,
  { stores, partitions, rules }: ReadStores,
  { model, quarter }: Asked,
): Promise<void> {
  const { zone } = rules.catalogue.calendar;
  const { skipsGaps } = reachOf({ ...rules, models: [model] });
  const time = (at: number) => localTime(at, zone).slice(0, 16);
  const gone: string[] = [];
  for (const [stream, until] of await releasedUntil(stores.state, partitions)) {
    const [need] = needsOf({ models: [model] }, stream);
    if (need === undefined) continue;
    const since = await sinceOf({ history, ends, fromMs: quarter.until - 1 }, { ms: need.ms, skipsGaps });
    if (until >= since)
      gone.push(`${stream}, counted from ${time(since)} on and let go up to ${time(until)}`);
  }
  if (gone.length > 0)
    throw new CodedError('EVALUATION_RELEASED', `${quarter.name}, ${model.name}: ${gone.join('; ')}.`);
}

function quarterOf(text: string, zone: string): Quarter {
  const match = /^(20\d{2})Q([1-4])$/.exec(text);
  if (match === null)
    throw new CodedError('USAGE', `--quarter is ${JSON.stringify(text)}; a quarter looks like 2026Q3.`);
  const [year, number] = [Number(match[1]), Number(match[2])];
  const from = DateTime.fromObject({ year, month: number * 3 - 2, day: 1 }, { zone });
  return {
    name: text,
    title: `${year} 年第${NUMERALS[number - 1]}季度`,
    from: from.toMillis(),
    until: from.plus({ quarters: 1 }).toMillis(),
  };
}

function refuseEarly({ name, until }: Quarter, clock: number | null, zone: string): void {
  // The clock stands at an instant whose end has not come.
  if (clock !== null && clock >= until) return;
  const ends = localTime(until, zone).slice(0, 16);
  const reached =
    clock === null ? 'there are none' : `they reach until ${localTime(clock, zone).slice(0, 16)}`;
  const last =
    clock === null ? null : DateTime.fromMillis(clock, { zone }).startOf('quarter').minus({ days: 1 });
  const next = last === null ? '' : ` The last one that has ended is ${last.toFormat("yyyy'Q'q")}.`;
  throw new CodedError('EVALUATION_EARLY', `${name} ends at ${ends}; of the data ${reached}.${next}`);
}

function evaluated(
  { subject, profile, score: { value, lines }, indicators, contributions }: ScoredSubject,
  { bounds }: EvaluationRules,
): EvaluatedSubject {
  const score = typeof value === 'number' ? value : null;
  return {
    subject,
    name: typeof profile['name'] === 'string' ? profile['name'] : null,
    score,
    class: score === null ? null : classOf(score, bounds),
    lines: lines as EvaluatedSubject['lines'],
    indicators,
    contributions: { ...contributions, events: [...contributions.events] },
  };
}

type Counts = { [grade: string]: number };

/** One for each department, in the order of the catalogue: all subjects in figures, and its own. */
function bulletinsOf(
  { rules: { catalogue }, clock }: ReadStores,
  { name, title }: Quarter,
  { subjects, digest, at }: EvaluationRecord,
  scored: readonly ScoredSubject[],
): BulletinRecord[] {
  const all = countsOf(subjects);
  const leads = scored.map(({ profile }) => new Set(itemsOver(profile, catalogue).map(({ lead }) => lead)));
  return [...catalogue.departments.values()].map((department) => {
    const own = subjects.filter((_one, index) => isOwn(department, leads[index], scored[index]));
    const counts = countsOf(own);
    const worst = own.filter((one) => one.class === 'D').sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
    const named = worst.slice(0, NAMED_MAX);
    const message =
      `【信用评价】${title}公共信用综合评价已完成：全部 ${subjects.length} 家，${countText(all)}。` +
      (own.length === 0 ? '' : `本部门监管 ${own.length} 家，${countText(counts)}。`) +
      (worst.length === 0
        ? ''
        : `D 级 ${worst.length} 家：${named.map((one) => one.name ?? one.subject).join('、')}${worst.length > named.length ? '等' : ''}，请提高抽查比例和频次。`);
    return bulletinFor({ topic: 'evaluation', of: name, department: department.id }, clock, {
      message,
      title: `${title}公共信用综合评价`,
      quarter: name,
      evaluated_at: at,
      digest,
      classes: all,
      own: counts,
      worst: named.map(({ subject, name: called, score }) => ({ subject, name: called, score })),
    });
  });
}

/** Whether a department supervises a subject: it leads one of its items, or is the office in whose region it lies. */
function isOwn(
  { id, officeOf, region }: Department,
  leads: ReadonlySet<string> | undefined,
  scored: ScoredSubject | undefined,
): boolean {
  if (officeOf === undefined) return leads?.has(id) === true;
  const place = scored?.profile['region'];
  return leads?.has(officeOf) === true && typeof place === 'string' && place.startsWith(region ?? '');
}

function countsOf(subjects: readonly EvaluatedSubject[]): Counts {
  const counts: Counts = { A: 0, B: 0, C: 0, D: 0 };
  for (const { class: grade } of subjects) {
    const name = grade ?? 'unknown';
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

function countText(counts: Counts): string {
  const parts = EVALUATION_CLASSES.map((grade) => `${grade} 级 ${counts[grade] ?? 0} 家`);
  const { unknown = 0 } = counts;
  return [...parts, ...(unknown > 0 ? [`无法计算 ${unknown} 家`] : [])].join('、');
}

/** The record in a few lines. */
export function evaluationLines({
  quarter,
  model,
  bounds,
  subjects,
  digest,
  key,
}: EvaluationRecord): string[] {
  return [
    `${quarter} 公共信用综合评价：${subjects.length} 家，${countText(countsOf(subjects))}`,
    `模型 ${model}，得分低于 ${bounds.A} 为 A，低于 ${bounds.B} 为 B，低于 ${bounds.C} 为 C，其余为 D`,
    `摘要 / digest: ${digest}`,
    `公钥 / key: ${key}`,
  ];
}

/** Checks the file of an evaluation by itself. @throws CodedError FILE_READ, EVALUATION_FORMAT, USAGE for a key that is none */
export async function verifyEvaluationFile(
  path: string,
  keys: readonly string[],
): Promise<{ readonly record: EvaluationRecord; readonly fault: EvaluationFault | null }> {
  const given = await Promise.all(keys.map(keyOf));
  const record = await readRecord(path, BYTES_MAX, EVALUATION_RECORD, 'EVALUATION_FORMAT');
  return { record, fault: verifyEvaluation(record, given.length === 0 ? null : given) };
}
