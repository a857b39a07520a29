// What the past says of rules: fields and streams that no event ever had, fields that nobody reads, too short a memory.
import { SOURCES, type SourceName } from '../events/event.js';
import { declarationOf, sourceFields } from '../events/sources.js';
import { fieldOf, partsOf, writtenIn } from './written.js';
import { isEnvelopeName } from './expression/term.js';
import { modelFiles, type ParsedFiles } from './lint-set.js';
import type { Model } from './model.js';
import { windowReach } from './reach.js';
import type { Report } from './report.js';
import { nodeAt, type YamlNode } from './yaml.js';

/** What a history of events has: by stream the fields of their data that were there and not null, once at least. */
export type SeenFields = ReadonlyMap<string, ReadonlySet<string>>;

/** A field of events that no model reads. */
export interface UnreadField {
  readonly stream: string;
  readonly field: string;
}

const DAY_MS = 86_400_000;

/** Adds to the reports of models what they read and no event of a history has. @returns what none of them reads */
export function lintHistory(files: ParsedFiles, seen: SeenFields): UnreadField[] {
  const read = new Map<string, Set<string>>();
  for (const [, { report, root }] of modelFiles(files)) {
    warnStreams(report, root, seen);
    const told = new Set<string>();
    for (const { node, syntax, from } of writtenIn(root)) {
      if (from === null) continue;
      for (const part of partsOf(syntax)) {
        const named = fieldOf(part);
        if (named?.owner !== 'event' || isEnvelopeName(named.field)) continue;
        const { field } = named;
        const having = from.filter((source) => source !== 'warning' && seen.has(source));
        for (const source of having) read.set(source, (read.get(source) ?? new Set()).add(field));
        const missing = having.length > 0 && from.every((source) => hasNever(source, field, seen));
        if (!missing || told.has(`${having.join()} ${field}`)) continue;
        told.add(`${having.join()} ${field}`);
        const place = report.source.offsetIn(node, part.start);
        report.add('MODEL_FIELD_UNSEEN', place, `no event of ${having.join(', ')} ever had ${field}`, {
          severity: 'warning',
          expected: `a field that they have: ${fieldsSeen(having, seen).slice(0, 12).join(', ')}`,
        });
      }
    }
  }
  return unreadIn(read, seen);
}

/** Whether a source has events and none of them the field, so that what asks for it waits in vain. */
function hasNever(source: SourceName, field: string, seen: SeenFields): boolean {
  if (source === 'warning') return !Object.hasOwn(sourceFields(source), field);
  return seen.get(source)?.has(field) !== true;
}

function fieldsSeen(sources: readonly SourceName[], seen: SeenFields): string[] {
  return [...new Set(sources.flatMap((source) => [...(seen.get(source) ?? [])]))].sort();
}

function warnStreams(report: Report, root: YamlNode, seen: SeenFields): void {
  const indicators = nodeAt(root, ['indicators']);
  if (indicators.kind !== 'map') return;
  for (const name of indicators.entries.keys()) {
    const node = nodeAt(root, ['indicators', name, 'from']);
    const names = node.kind === 'list' ? node.items : [node];
    for (const one of names) {
      if (one.kind !== 'text' || one.value === 'warning' || seen.has(one.value)) continue;
      if (!SOURCES.some((source) => source === one.value)) continue;
      report.add('MODEL_STREAM_UNSEEN', one, `there is no event of the stream ${one.value}`, {
        severity: 'warning',
        expected: `a stream that has events: ${[...seen.keys()].sort().join(', ')}`,
      });
    }
  }
}

/** Registrations make profiles, and numbers name records, without any model. */
function unreadIn(read: ReadonlyMap<string, ReadonlySet<string>>, seen: SeenFields): UnreadField[] {
  return [...seen].flatMap(([stream, fields]) => {
    if (stream === 'registration') return [];
    const known = SOURCES.find((source) => source === stream);
    const number = known === undefined ? null : declarationOf(known).number;
    return [...fields]
      .filter((field) => field !== number && read.get(stream)?.has(field) !== true)
      .sort()
      .map((field) => ({ stream, field }));
  });
}

/** Warns of windows that look further back than events are kept, so that priming and replays find them half empty. */
export function lintRetention(files: ParsedFiles, models: readonly Model[], keptMs: number): void {
  for (const { name, indicators, feed } of models) {
    const file = files.get(`${name}.yaml`);
    if (file === undefined || feed !== null) continue;
    for (const indicator of indicators) {
      if (indicator.kind !== 'window') continue;
      const reachMs = windowReach(indicator);
      if (reachMs <= keptMs) continue;
      const path = [
        'indicators',
        indicator.name,
        ...(indicator.baseline === null ? ['over'] : ['baseline', 'over']),
      ];
      const days = (spanMs: number) => `${Number((spanMs / DAY_MS).toFixed(2))} days`;
      const message = `this looks ${days(reachMs)} back, and events are kept for ${days(keptMs)}`;
      file.report.add('MODEL_RETENTION', nodeAt(file.root, path), message, {
        severity: 'warning',
        expected: 'a window within what is kept, or a longer retention',
      });
    }
  }
}
