// The rules of a running system as the HTTP front shows and changes them, in whatever mode.
import type { Diagnostic } from '../model/diagnostic.js';
import { loadRules } from '../model/load.js';
import { formatInstant } from '../events/timestamp.js';
import type { ModelsOrder } from '../events/models-order.js';
import type { Caller, ModelsOutcome } from '../ports/front.js';
import type { RuleChange } from '../pipeline/rule-changes.js';
import { localToday, zoneOf } from './local-time.js';
import { changeView, type Applied, type ChangeView, type RuleChanging } from './rule-changing.js';

export interface ModelsStatus {
  /** The revision that the alert side runs. */
  readonly running: string;
  /** The one that the partitions were told of last. */
  readonly announced: string;
  /** When that came, or comes, into force, epoch ms; null for the rules of the first start, or where it is long ago. */
  readonly at: number | null;
  /** Whether another change waits for whoever lets time pass. */
  readonly waiting: boolean;
  /** Partitions of the events log whose new indicators wait for their history. */
  readonly unprimed: number;
}

/** Both modes have one. */
export interface ModelsSide {
  readonly changing: RuleChanging;
  status(): Promise<ModelsStatus>;
}

/** What `GET /v1/models` answers. */
export type ModelsView = Omit<ModelsStatus, 'at'> & {
  readonly at: string | null;
  readonly changes: readonly ChangeView[];
};

const CHANGES_SHOWN = 500;
const FAULTS_SHOWN = 50;

export async function modelsView(side: ModelsSide): Promise<ModelsView> {
  const [now, changes] = await Promise.all([side.status(), side.changing.history()]);
  return viewOf(now, changes);
}

/** The same of what was read of it. */
export function viewOf(now: ModelsStatus, changes: readonly RuleChange[]): ModelsView {
  const at = now.at === null ? null : formatInstant(now.at);
  return { ...now, at, changes: changes.slice(-CHANGES_SHOWN).map(changeView) };
}

/**
 * Does what an order asks for; what it sends is checked first, and nothing changes where it has errors.
 * @throws CodedError MODELS_BUSY, MODELS_UNKNOWN, RULES_CHANGED
 */
export async function changeModels(
  { changing }: ModelsSide,
  order: ModelsOrder,
  caller: Caller,
): Promise<ModelsOutcome> {
  const { id: account, role, department } = caller;
  const asker = { account, role, department };
  const note = order.because ?? null;
  if ('revision' in order) return outcomeOf(await changing.rollback(order.revision, note, asker));
  const files = new Map(Object.entries(order.files));
  const { rules, diagnostics } = loadRules(files, localToday(zoneOf(files)));
  if (rules === null) return { outcome: 'invalid', faults: faultsOf(diagnostics) };
  return outcomeOf(await changing.apply({ rules, files, way: 'apply', note }, asker));
}

/** The first errors, each in a line of its place and code. */
export function faultsOf(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics
    .filter(({ severity }) => severity === 'error')
    .slice(0, FAULTS_SHOWN)
    .map(({ file, line, column, code, message }) => `${file}:${line}:${column}: ${code}: ${message}`);
}

/** What came of a change, for people and programs. */
export function outcomeOf(applied: Applied): ModelsOutcome {
  if (applied.outcome !== 'announced') return applied;
  return { ...applied, at: formatInstant(applied.at) };
}
