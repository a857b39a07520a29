// Whether events are kept for as long as somebody looks back on them.
import { offsetText } from '../catalogue/duration.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { REGISTERS } from '../catalogue/retention.js';
import type { Model } from './model.js';
import { needsOf, recallMs } from './reach.js';
import type { ParsedFile } from './report.js';
import { nodeAt } from './yaml.js';

const FILE = 'catalogue/retention.yaml';
const DAY_MS = 86_400_000;
const NAMED_MAX = 3;

/** Reports terms of events that end before a model, or a revocation, has done with them. */
export function checkEventTerms(
  parsed: ReadonlyMap<string, ParsedFile>,
  { retention }: Catalogue,
  models: readonly Model[],
): void {
  const file = parsed.get(FILE);
  for (const [stream, termMs] of retention.events) {
    if (file === undefined) return;
    const place = nodeAt(file.root, ['events', stream]);
    if (REGISTERS.includes(stream)) {
      const message = `events of ${stream} make the profiles of subjects, which are made anew from all of them`;
      file.report.add('CATALOGUE_RETENTION', place, message, {
        expected: `no term: those of ${REGISTERS.join(' and ')} are kept without end`,
      });
      continue;
    }
    const needs = needsOf({ models }, stream).filter(({ ms }) => ms > termMs);
    const neededMs = Math.max(recallMs(stream), needs[0]?.ms ?? 0);
    if (neededMs <= termMs) continue;
    const named = needs
      .slice(0, NAMED_MAX)
      .map(({ model, indicator, ms }) => `${model} (${indicator}) looks ${daysText(ms)} back`);
    if (needs.length > NAMED_MAX)
      named.push(`${needs.length - NAMED_MAX} more look further back than the term`);
    if (recallMs(stream) > termMs) named.push(`an event may be revoked for ${daysText(recallMs(stream))}`);
    const message = `events of ${stream} would go after ${offsetText(termMs)}, and ${named.join('; ')}`;
    file.report.add('CATALOGUE_RETENTION', place, message, {
      expected: `${daysText(neededMs)} or longer, or models that look less far back`,
    });
  }
}

function daysText(ms: number): string {
  return `${Math.ceil(ms / DAY_MS)}d`;
}
