// What a recorded case of a model needs of history: which streams, fields and keys, and how far back.
import { CodedError } from '../../events/coded-error.js';
import { STREAMS, type Scope, type StreamName } from '../../events/event.js';
import { isWide } from '../../engine/wide-key.js';
import type { Model } from '../../model/model.js';
import { reachOf } from '../../model/reach.js';
import { readFile } from '../../model/report.js';
import type { RuleSet } from '../../model/ruleset.js';
import { partsOf, writtenIn } from '../../model/written.js';
import { withSources } from '../model-test.js';

export interface RecordNeeds {
  readonly model: Model;
  readonly scope: Exclude<Scope, 'source'>;
  /** The model, and those whose warnings it reads, and so on down. */
  readonly rules: RuleSet;
  /** Streams that any of them reads. */
  readonly streams: ReadonlySet<StreamName>;
  /** Every name after a dot in their expressions: no other field of an event or a profile matters. */
  readonly names: ReadonlySet<string>;
  /** Texts in their expressions, parameters and lists. */
  readonly literals: ReadonlySet<string>;
  /** Keys beside the own one: what a subject owns, the owner of a device, or what lies in a region or an industry. */
  readonly related: 'owned' | 'owner' | 'inside' | null;
  /** Whether keys matter to which nothing of the streams ever came, because they were told of or kept silent. */
  readonly silence: boolean;
  /** Events that arrived so long before an instant leave the levels there as they are, as a rule; ms. */
  readonly reachMs: number;
  /** How far instants may differ because panes are looked at a little later on some keys than on others; ms. */
  readonly spreadMs: number;
}

/** Wake-ups of panes are spread over so much, by the key. */
const PANE_SPREAD_MS = 300_000;

/**
 * @param files the texts that the rules were loaded from
 * @throws CodedError USAGE where there is no such model, CASE_SCOPE where it speaks of sources
 */
export function needsOf(name: string, all: RuleSet, files: ReadonlyMap<string, string>): RecordNeeds {
  const model = all.models.find((one) => one.name === name && one.feed === null);
  if (model === undefined) throw new CodedError('USAGE', `There is no model ${name} in these rules.`);
  const { scope } = model;
  if (scope === 'source') throw new CodedError('CASE_SCOPE', `The scope of ${name} is ${scope}.`);
  const rules = withSources(model, all);
  const { models } = rules;
  const sources = models.flatMap(({ indicators }) =>
    indicators.flatMap((indicator) => (indicator.kind === 'window' ? indicator.from : [])),
  );
  const hasPanes = models.some(({ indicators }) =>
    indicators.some((one) => (one.kind === 'window' ? one.panes : one.sample) !== null),
  );
  return {
    ...{ model, scope, rules },
    streams: new Set(STREAMS.filter((stream) => sources.includes(stream))),
    ...wordsOf(models, files),
    literals: literalsOf(rules, files),
    related: relatedOf(scope, models),
    silence: models.some(({ feed, indicators }) => feed !== null || indicators.some(isAbsence)),
    reachMs: reachOf(rules).ms,
    spreadMs: hasPanes ? PANE_SPREAD_MS : 0,
  };
}

/** Whether a key counts as soon as it is registered. */
function isAbsence(one: Model['indicators'][number]): boolean {
  return one.kind === 'window' && (one.operator === 'absent' || one.from.includes('registration'));
}

function relatedOf(scope: RecordNeeds['scope'], models: readonly Model[]): RecordNeeds['related'] {
  if (isWide(scope)) return 'inside';
  if (scope === 'device') return models.some(({ readsOwner }) => readsOwner) ? 'owner' : null;
  if (scope === 'place') return null;
  const hears = models.some(
    (one) =>
      one.scope === 'device' ||
      one.scope === 'place' ||
      one.indicators.some((window) => window.kind === 'window' && window.from.includes('sensor-reading')),
  );
  return hears ? 'owned' : null;
}

function syntaxesOf(models: readonly Model[], files: ReadonlyMap<string, string>) {
  return models.flatMap(({ name }) => {
    const path = `${name}.yaml`;
    const text = files.get(path);
    if (text === undefined) return [];
    return writtenIn(readFile(path, text).root).flatMap(({ syntax }) => [...partsOf(syntax)]);
  });
}

function wordsOf(models: readonly Model[], files: ReadonlyMap<string, string>): Pick<RecordNeeds, 'names'> {
  const names = new Set(models.flatMap(({ params }) => params.flatMap(({ by }) => by ?? [])));
  for (const part of syntaxesOf(models, files)) {
    if (part.op === 'member') names.add(part.name);
    else if (part.op === 'literal' && typeof part.value === 'string') names.add(part.value);
  }
  // `param.by` may be written with its owner before it.
  for (const name of [...names]) names.add(name.slice(name.lastIndexOf('.') + 1));
  return { names };
}

function literalsOf({ models, catalogue }: RuleSet, files: ReadonlyMap<string, string>): Set<string> {
  const literals = new Set([...catalogue.lists.values()].flatMap((values) => [...values]));
  for (const part of syntaxesOf(models, files)) {
    if (part.op === 'literal' && typeof part.value === 'string') literals.add(part.value);
  }
  for (const { params } of models) {
    for (const { fallback, choices } of params) {
      for (const value of [fallback, ...choices.values()]) if (typeof value === 'string') literals.add(value);
    }
  }
  literals.delete('');
  return literals;
}
