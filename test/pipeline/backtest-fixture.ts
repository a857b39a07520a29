// A few small rules, events for them, and a backtest of them in memory.
import { loadRules } from '../../src/model/load.js';
import type { Json } from '../../src/events/event.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import {
  backtest,
  type BacktestOptions,
  type BacktestTransition,
  type EventSource,
  type RefusedEvent,
} from '../../src/pipeline/backtest/backtest.js';
import type { RowRead } from '../../src/ports/rows.js';
import { rulesWith } from '../model/rules-fixture.js';

export const MODELS = {
  'food/complaints': `model: food/complaints
title: 投诉
summary: 投诉。
item: food-operation
scope: subject
indicators:
  complaints:   { from: complaint, count: '*', over: 2h }
  complainants: { from: complaint, distinct: 'event.complainant', over: 2h }
levels: { orange: 'complaints >= 4 && complainants >= 2', yellow: 'complaints >= 2' }
hold: 30m
`,
  'food/failures': `model: food/failures
title: 不合格
summary: 不合格。
item: food-operation
scope: subject
indicators:
  failed: { from: inspection, streak: 'event.result == "fail"', over: 5h }
  after:  { from: inspection, since: last, over: 5h }
levels: { red: 'failed >= 2 && after >= duration("20m")', blue: 'failed >= 1' }
for: 10m
`,
  'food/silence': `model: food/silence
title: 无人检查
summary: 无人检查。
item: food-operation
scope: subject
indicators:
  unchecked: { from: [inspection, complaint], absent: true, over: 3h }
levels: { blue: 'unchecked' }
`,
  'food/last': `model: food/last
title: 最近一次投诉
summary: 最近一次投诉。
item: food-operation
scope: subject
indicators:
  who:  { from: complaint, where: 'event.category == "named"', last: 'event.complainant', over: 1h }
levels: { blue: 'who != null' }
`,
};

export function rulesOf(models: { readonly [name: string]: string }): RuleSet {
  const files = Object.entries(models).map(
    ([name, text]) => [`${name}.yaml`, `${text}advise: 核查。\n`] as const,
  );
  const fixture = { 'food/repeat-complaints.yaml': null, 'elevator/overload.yaml': null };
  const { rules, diagnostics } = loadRules(rulesWith({ ...fixture, ...Object.fromEntries(files) }));
  if (rules === null) throw new Error(JSON.stringify(diagnostics, null, 2));
  return rules;
}

export const RULES = rulesOf(MODELS);

export const START = Date.parse('2026-03-01T00:00:00Z');
export const MINUTE = 60_000;
export const instant = (minute: number) => new Date(START + minute * MINUTE).toISOString();

export interface Sent {
  readonly [attribute: string]: Json;
}

export function complaint(id: string, minute: number, more: Sent = {}, data: Sent = {}): Sent {
  return {
    specversion: '1.0',
    id,
    source: 'urn:test',
    type: 'fenghuo.complaint',
    subject: 'shop:1',
    recordedtime: instant(minute),
    time: instant(minute),
    data: { category: '食品', complainant: 'p1', ...data },
    ...more,
  };
}

/** A source over rows in memory; one that cannot be read again refuses to be. */
export function sourceOf(rows: readonly Sent[], name = 'memory', rereadable = true, batch = 3): EventSource {
  let reads = 0;
  return {
    name,
    rereadable,
    batches: async function* () {
      if (reads++ > 0 && !rereadable) throw new Error('read twice');
      for (let from = 0; from < rows.length; from += batch) {
        yield rows
          .slice(from, from + batch)
          .map((row, index): RowRead => ({ ok: true, line: from + index + 1, row }));
      }
    },
  };
}

export async function run(sources: readonly EventSource[], more: Partial<BacktestOptions> = {}) {
  const transitions: BacktestTransition[] = [];
  const refused: RefusedEvent[] = [];
  const summary = await backtest({
    rules: RULES,
    sources,
    pseudonymKey: new Uint8Array(32).fill(7),
    onTransition: (transition) => void transitions.push(transition),
    onRefused: (event) => void refused.push(event),
    ...more,
  });
  return { summary, transitions, refused };
}
