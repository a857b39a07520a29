// What a run said, in a form that two runs can be compared by.
import { createHash } from 'node:crypto';

/** One change of the level shown. */
export interface Change {
  readonly model: string;
  /** With its scope, as in `subject:...`. */
  readonly key: string;
  readonly clock: number;
  readonly raised: boolean;
}

export interface Outcome {
  /** Warnings raised by model. */
  readonly raised: { readonly [model: string]: number };
  readonly cleared: number;
  readonly duplicates: number;
  /** Alerts to operators; a limit that was reached would falsify the figures. */
  readonly operatorAlerts: number;
  /** SHA-256 over all changes in the order of their texts: which key, which model, at which millisecond. */
  readonly digest: string;
}

export function outcomeOf(changes: readonly Change[], duplicates: number, operatorAlerts: number): Outcome {
  const raised: { [model: string]: number } = {};
  let cleared = 0;
  for (const change of changes) {
    if (change.raised) raised[change.model] = (raised[change.model] ?? 0) + 1;
    else cleared++;
  }
  const hash = createHash('sha256');
  const texts = changes.map((one) => `${one.model} ${one.key} ${one.clock} ${one.raised}\n`).sort();
  for (const text of texts) hash.update(text);
  return { raised, cleared, duplicates, operatorAlerts, digest: hash.digest('hex') };
}

/** What differs between a run and the reference, in words; empty where nothing does. */
export function differences(run: Outcome, reference: Outcome): string[] {
  const found: string[] = [];
  const compare = (what: string, got: number | string, expected: number | string) => {
    if (got !== expected) found.push(`${what}: ${got}, the reference has ${expected}`);
  };
  const models = new Set([...Object.keys(run.raised), ...Object.keys(reference.raised)]);
  for (const model of [...models].sort()) {
    compare(`warnings of ${model}`, run.raised[model] ?? 0, reference.raised[model] ?? 0);
  }
  compare('warnings cleared', run.cleared, reference.cleared);
  compare('duplicates', run.duplicates, reference.duplicates);
  compare('alerts to operators', run.operatorAlerts, reference.operatorAlerts);
  compare('digest of all changes', run.digest, reference.digest);
  return found;
}
