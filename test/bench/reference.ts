// The judge of the benchmark: counts the warnings from sorted lists of what enters and leaves, key by key.
// It shares nothing with the engine but the workload's facts.
import { outcomeOf, type Change, type Outcome } from './outcome.js';
import { HOLD_DAYS, MODEL_NAMES, ruleFigures, type RuleOptions } from './rules.js';
import { DAY_MS, deviceId, subjectId, Workload, type Fact, type WorkloadOptions } from './workload.js';

/** A fact begins or ceases to count at an instant. */
interface Edge {
  readonly instant: number;
  readonly fact: Fact;
  readonly sign: 1 | -1;
}

interface RulePart {
  readonly counts: (fact: Fact) => boolean;
  readonly overMs: number;
}

/** A rule as the reference sees it: what counts for how long, and whether what counts is enough. */
interface ReferenceRule {
  readonly model: string;
  readonly holdMs: number;
  readonly parts: readonly RulePart[];
  open(): { count(fact: Fact, sign: 1 | -1): void; holds(): boolean };
}

/** The outcome that the workload must have under the rules. */
export function referenceOutcome(workload: WorkloadOptions, rules: RuleOptions): Outcome {
  const source = new Workload(workload);
  const subjects = new Map<number, Fact[]>();
  const devices = new Map<number, Fact[]>();
  const readings = new Set<string>();
  let duplicates = 0;
  for (let fact = source.next(); fact !== undefined; fact = source.next()) {
    const isReading = fact.stream === 'sensor-reading';
    if (isReading) {
      const identity = `${fact.subject} ${fact.time}`;
      if (readings.has(identity)) {
        duplicates++;
        continue;
      }
      readings.add(identity);
    }
    const keys = isReading ? devices : subjects;
    const facts = keys.get(fact.subject);
    if (facts === undefined) keys.set(fact.subject, [fact]);
    else facts.push(fact);
  }
  const changes: Change[] = [];
  for (const [subject, facts] of subjects) {
    const key = `subject:${subjectId(subject)}`;
    for (const rule of subjectRules(rules)) collect(rule, key, facts, source.end, changes);
  }
  for (const [subject, facts] of devices) {
    collect(READINGS, `device:${deviceId(subject)}`, facts, source.end, changes);
  }
  return outcomeOf(changes, duplicates, 0);
}

function collect(
  rule: ReferenceRule,
  key: string,
  facts: readonly Fact[],
  end: number,
  changes: Change[],
): void {
  const { model, holdMs } = rule;
  let shown = false;
  let falseSince = Infinity;
  const leave = (before: number) => {
    if (!shown || falseSince + holdMs >= before) return;
    changes.push({ model, key, clock: falseSince + holdMs, raised: false });
    shown = false;
  };
  for (const { instant, holds } of truths(rule, facts, end)) {
    leave(instant);
    if (holds && !shown) changes.push({ model, key, clock: instant, raised: true });
    shown ||= holds;
    if (holds) falseSince = Infinity;
    else if (shown && falseSince === Infinity) falseSince = instant;
    if (holdMs === 0) leave(Infinity);
  }
  leave(end + 1);
}

/** Whether the rule's condition holds, at each instant up to the end at which something enters or leaves. */
function* truths(
  rule: ReferenceRule,
  facts: readonly Fact[],
  end: number,
): Generator<{ instant: number; holds: boolean }> {
  const edges: Edge[] = [];
  for (const { counts, overMs } of rule.parts) {
    for (const fact of facts) {
      if (!counts(fact) || fact.time + overMs <= fact.at) continue;
      edges.push({ instant: fact.at, fact, sign: 1 }, { instant: fact.time + overMs, fact, sign: -1 });
    }
  }
  edges.sort((a, b) => a.instant - b.instant);
  const figure = rule.open();
  for (const [index, edge] of edges.entries()) {
    if (edge.instant > end) return;
    figure.count(edge.fact, edge.sign);
    if (edges[index + 1]?.instant !== edge.instant) yield { instant: edge.instant, holds: figure.holds() };
  }
}

function subjectRules(options: RuleOptions): ReferenceRule[] {
  const figures = ruleFigures(options);
  const holdMs = HOLD_DAYS * DAY_MS;
  const isComplaint = (fact: Fact) => fact.stream === 'complaint';
  const complaints = { counts: isComplaint, overMs: figures.complaintsDays * DAY_MS };
  return [
    {
      model: MODEL_NAMES.complaints,
      holdMs,
      parts: [complaints],
      open: () => atLeast(5, () => 1),
    },
    {
      model: MODEL_NAMES.failures,
      holdMs,
      parts: [
        {
          counts: (fact) => fact.stream === 'inspection' && fact.failed,
          overMs: figures.failuresDays * DAY_MS,
        },
      ],
      open: () => atLeast(2, () => 1),
    },
    {
      model: MODEL_NAMES.penalties,
      holdMs,
      parts: [{ counts: (fact) => fact.stream === 'penalty', overMs: figures.penaltiesDays * DAY_MS }],
      open: () => atLeast(100_000, (fact) => fact.amount),
    },
    {
      model: MODEL_NAMES.departments,
      holdMs,
      parts: [
        complaints,
        { counts: (fact) => fact.stream === 'inspection', overMs: figures.departmentsDays * DAY_MS },
      ],
      open: departmentsAndComplaints,
    },
  ];
}

const READINGS: ReferenceRule = {
  model: MODEL_NAMES.readings,
  holdMs: 0,
  parts: [{ counts: (fact) => fact.stream === 'sensor-reading', overMs: 3_600_000 }],
  open: () => {
    // Exact: a reading is a double below 128 and at least 0.1, so 2^60 times it is a whole number.
    let scaled = 0n;
    let readings = 0;
    return {
      count: (fact, sign) => {
        scaled += BigInt(sign) * BigInt(fact.amount * 2 ** 60);
        readings += sign;
      },
      holds: () => readings >= 3 && Number(scaled) / 2 ** 60 / readings > 50,
    };
  },
};

function atLeast(threshold: number, weigh: (fact: Fact) => number): ReturnType<ReferenceRule['open']> {
  let total = 0;
  return {
    count: (fact, sign) => {
      total += sign * weigh(fact);
    },
    holds: () => total >= threshold,
  };
}

function departmentsAndComplaints(): ReturnType<ReferenceRule['open']> {
  let complaints = 0;
  const inspections = new Map<number, number>();
  return {
    count: (fact, sign) => {
      if (fact.stream === 'complaint') complaints += sign;
      else inspections.set(fact.department, (inspections.get(fact.department) ?? 0) + sign);
    },
    holds: () => complaints >= 3 && [...inspections.values()].filter((count) => count > 0).length >= 3,
  };
}
