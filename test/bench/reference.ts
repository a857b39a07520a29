// The judge of the benchmark: counts the warnings from sorted lists of what enters and leaves, key by key.
// It shares nothing with the engine but the workload's facts.
import { outcomeOf, type Change, type Outcome } from './outcome.js';
import { FOLLOWS_DAYS, HOLD_DAYS, MODEL_NAMES, ruleFigures, type RuleOptions } from './rules.js';
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
  /** When what counts begins to count and ceases. */
  edges(facts: readonly Fact[]): Edge[];
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
  const edges = rule.edges(facts).sort((a, b) => a.instant - b.instant);
  const figure = rule.open();
  for (const [index, edge] of edges.entries()) {
    if (edge.instant > end) return;
    figure.count(edge.fact, edge.sign);
    if (edges[index + 1]?.instant !== edge.instant) yield { instant: edge.instant, holds: figure.holds() };
  }
}

/** What counts from its arrival until it is older than the window. */
function counting(parts: readonly RulePart[]): ReferenceRule['edges'] {
  return (facts) =>
    parts.flatMap(({ counts, overMs }) =>
      facts.flatMap((fact) => (counts(fact) ? span(fact, fact.at, fact.time + overMs) : [])),
    );
}

function span(fact: Fact, from: number, to: number): Edge[] {
  return from < to ? [edge(fact, from, 1), edge(fact, to, -1)] : [];
}

function edge(fact: Fact, instant: number, sign: 1 | -1): Edge {
  return { instant, fact, sign };
}

/**
 * A failed inspection counts as long as the earliest complaint after it, of those that are known, lies in the window:
 * with every complaint that arrives it may be another one. Ids of complaints come before those of inspections, so a
 * complaint of the same millisecond is not after it.
 */
function followed(overMs: number): ReferenceRule['edges'] {
  return (facts) => {
    const complaints = facts.filter((fact) => fact.stream === 'complaint');
    const failures = facts.filter((fact) => fact.stream === 'inspection' && fact.failed);
    return failures.flatMap((failure) => {
      const edges: Edge[] = [];
      let earliest = Infinity;
      let from = Infinity;
      for (const { time, at } of complaints) {
        if (time <= failure.time || time > failure.time + FOLLOWS_DAYS * DAY_MS || time >= earliest) continue;
        const known = Math.max(failure.at, at);
        edges.push(...span(failure, from, Math.min(known, earliest + overMs)));
        earliest = time;
        from = known;
      }
      return [...edges, ...span(failure, from, earliest + overMs)];
    });
  };
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
      edges: counting([complaints]),
      open: () => atLeast(5, () => 1),
    },
    {
      model: MODEL_NAMES.failures,
      holdMs,
      edges: counting([
        {
          counts: (fact) => fact.stream === 'inspection' && fact.failed,
          overMs: figures.failuresDays * DAY_MS,
        },
      ]),
      open: () => atLeast(2, () => 1),
    },
    {
      model: MODEL_NAMES.penalties,
      holdMs,
      edges: counting([
        { counts: (fact) => fact.stream === 'penalty', overMs: figures.penaltiesDays * DAY_MS },
      ]),
      open: () => atLeast(100_000, (fact) => fact.amount),
    },
    {
      model: MODEL_NAMES.departments,
      holdMs,
      edges: counting([
        complaints,
        { counts: (fact) => fact.stream === 'inspection', overMs: figures.departmentsDays * DAY_MS },
      ]),
      open: departmentsAndComplaints,
    },
    {
      model: MODEL_NAMES.followed,
      holdMs,
      edges: followed(figures.followedDays * DAY_MS),
      open: () => atLeast(1, () => 1),
    },
  ];
}

const READINGS: ReferenceRule = {
  model: MODEL_NAMES.readings,
  holdMs: 0,
  edges: counting([{ counts: (fact) => fact.stream === 'sensor-reading', overMs: 3_600_000 }]),
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
