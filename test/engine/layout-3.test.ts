// State of a former layout: every kind of window, model and section comes back as it was, and so it does once it has
// been written anew. The golden file was written by the last build of that layout.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Generation } from '../../src/engine/generation.js';
import { decodeKeyState, encodeKeyState, epochOf } from '../../src/engine/key-codec.js';
import { planFor } from '../../src/engine/key-state.js';
import { planOf } from '../../src/engine/plan.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { summaryOf, type StoredCheckpoint, type StoredLife } from './layouts.js';

const GOLDEN = new URL('../golden/layout-3.json', import.meta.url);
const life = JSON.parse(readFileSync(GOLDEN, 'utf8')) as StoredLife;

const rules = life.sets.map((files) => loadRules(new Map(Object.entries(files))).rules as RuleSet);

interface Meta {
  readonly revision: string;
  readonly stages: readonly { readonly clock: number; readonly generation: Generation }[];
}

interface Case {
  readonly name: string;
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly stage: Meta['stages'][number];
  readonly stratum: number;
  readonly rules: RuleSet;
  readonly expected: unknown;
}

function casesOf({ meta, records, states }: StoredCheckpoint): Case[] {
  const { revision, stages } = JSON.parse(Buffer.from(meta, 'base64').toString()) as Meta;
  return Object.entries(states).map(([name, expected]) => {
    const [, prefix = '', key = ''] = /^(?:(\d+)\/)?k\/(.*)$/.exec(name) ?? [];
    const stratum = Number(prefix);
    const bytes = Uint8Array.from(Buffer.from(records[name] ?? '', 'base64'));
    const stage = stages[stratum] as Meta['stages'][number];
    const own = rules.find((one) => one.revision === revision) as RuleSet;
    return { name, key, bytes, stage, stratum, rules: own, expected };
  });
}

const cases = life.checkpoints.map(casesOf);

describe('a record of layout 3', () => {
  it.each(cases.flat())('$name says what it said', ({ key, bytes, stage, stratum, rules, expected }) => {
    const reading = { plan: planFor(planOf(rules, stratum, []), key), generation: stage.generation };
    const summaryAt = (record: Uint8Array) =>
      JSON.parse(JSON.stringify(summaryOf(decodeKeyState(key, record, reading), stage.clock))) as unknown;
    expect(bytes[0]).toBe(3);
    expect(summaryAt(bytes)).toEqual(expected);

    const anew = encodeKeyState(decodeKeyState(key, bytes, reading), epochOf(bytes));
    expect(anew[0]).toBe(4);
    expect(epochOf(anew)).toBe(epochOf(bytes));
    expect(summaryAt(anew)).toEqual(expected);
    expect(anew.length).toBeLessThan(bytes.length);
  });

  it('was written with every kind of window, full and waiting for its history', () => {
    const told = JSON.stringify(life.checkpoints.map(({ states }) => states));
    const operators = new Set([...told.matchAll(/"operator":"([^"]+)"/g)].map(([, one]) => one));
    expect(operators.size).toBeGreaterThan(35);
    for (const part of ['"priming":true', '"tombstones":[[', '"backfilled":[[', '"warnings":[["']) {
      expect(told.includes(part), part).toBe(true);
    }
  });

  it('takes half of the room anew', () => {
    const sizes = cases.flat().map(({ key, bytes, stage, stratum, rules }) => {
      const reading = { plan: planFor(planOf(rules, stratum, []), key), generation: stage.generation };
      return [bytes.length, encodeKeyState(decodeKeyState(key, bytes, reading)).length] as const;
    });
    const [before, after] = [0, 1].map((place) => sizes.reduce((total, one) => total + (one[place] ?? 0), 0));
    expect(after).toBeLessThan((before ?? 0) / 2);
  });
});
