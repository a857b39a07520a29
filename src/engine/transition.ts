// From a change of level to the transition that the world sees: ids, figures, and what it rests on.
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import type { Json, Position } from '../events/event.js';
import { ExpressionError, type Value } from '../model/expression/expression.js';
import type { Model } from '../model/model.js';
import type { KeyState } from './key-state.js';
import { CONTRIBUTIONS_MAX } from './limits.js';
import type { Contributions, ScoreEvidence, Transition } from './output.js';
import type { ModelPlan } from './plan.js';
import { compareReferences, ForwardedReference, type EventReference } from './reference.js';
import type { Score } from './score.js';

/** The id of a warning: 32 hex digits of the SHA-256 over what makes an episode that episode. */
export function warningId(namespace: string, model: string, key: string, openedAt: number): string {
  return bytesToHex(sha256(utf8ToBytes(`${namespace}\n${model}\n${key}\n${openedAt}`))).slice(0, 32);
}

/** Warnings of models in the shadow are named apart from those that are told. */
export const SHADOW = 'shadow';

/** Whether a warning was said in the shadow, whatever its model does now. */
export function isShadowWarning({
  warning,
  model,
  scope,
  key,
  raised,
}: Pick<Transition, 'warning' | 'model' | 'scope' | 'key' | 'raised'>): boolean {
  return warning === warningId(SHADOW, model, `${scope}:${key}`, raised);
}

/** The figures of a model by name; an error is shown as `{ error: code }`. */
export function figuresOf(model: Model, values: readonly Value[]): { [name: string]: Json } {
  const figures: { [name: string]: Json } = {};
  for (const indicator of model.indicators) figures[indicator.name] = asJson(values[indicator.index] ?? null);
  return figures;
}

export function asJson(value: Value): Json {
  return value instanceof ExpressionError ? { error: value.code } : value;
}

/** The score as evidence; an error is shown as `{ error: code }`. */
export function scoreEvidence({ value, lines }: Score): ScoreEvidence {
  return {
    value: asJson(value),
    lines: lines.map(({ name, weight, contribution, missing }) => ({
      name,
      weight,
      contribution: asJson(contribution),
      missing,
    })),
  };
}

/**
 * The known events that the figures of a model rest on as they are now, with a hash over all of them. They are ordered and hashed
 * when somebody asks for the first time.
 */
export function lazyContributions(
  plan: ModelPlan,
  state: KeyState,
  partition: number,
  clock: number,
): () => Contributions {
  const references = new Set<EventReference>();
  for (const window of plan.windows) {
    if (window === null) continue;
    state.peek(window, clock)?.eachContributing((reference) => references.add(reference), clock);
  }
  // Those of a ledger know their ids only as long as it stays as it is.
  if (state.few !== null) for (const reference of references) void reference.id;
  let contributions: Contributions | null = null;
  return () => (contributions ??= contributionsOf(references, partition));
}

function contributionsOf(references: ReadonlySet<EventReference>, partition: number): Contributions {
  const ordered = [...references].sort(compareReferences);
  const ids = ordered.map(({ id }) => `${id}\n`).join('');
  return {
    events: ordered.slice(-CONTRIBUTIONS_MAX).map((reference) => ({
      id: reference.id,
      time: reference.time,
      position: positionOf(reference, partition),
    })),
    total: ordered.length,
    hash: bytesToHex(sha256(utf8ToBytes(ids))),
  };
}

function positionOf(reference: EventReference, partition: number): Position | null {
  const { offset } = reference;
  if (!(reference instanceof ForwardedReference)) return { partition, offset };
  return reference.partition < 0 ? null : { partition: reference.partition, offset };
}
