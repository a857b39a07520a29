// Strata: stratum 0 reads the events log, each further one what lower ones say. So every model has its place.
import { expressionsOf } from './lint.js';
import type { Model, ModelScope } from './model.js';

/** A model before it is known what it waits for. */
export type UnplacedModel = Omit<Model, 'readsOwner' | 'stratum'>;

/** The lowest stratum in which keys of a scope are judged. */
const SCOPE_STRATUM: { readonly [scope in ModelScope]: number } = {
  subject: 0,
  device: 0,
  place: 0,
  region: 1,
  industry: 1,
  'region+industry': 1,
  source: 1,
};
/** In stratum 1 readings have reached their owner; there it learns of its devices, which hear of it in the next. */
const OWNER_STRATUM = 1;
const OWNED_STRATUM = 2;

/** Where the warnings that a model names lead back to itself. */
export interface WarningCycle {
  /** Names of models, each reading the warnings of the next; the last is the first again. */
  readonly path: readonly string[];
}

/** A model that an indicator names, and whose warnings never come to it: it is not there, or not heard. */
export interface NamedModel {
  readonly model: string;
  readonly indicator: string;
  readonly name: string;
}

/** Whether a model reads warnings of others. */
export function readsWarnings(model: Pick<Model, 'indicators'>): boolean {
  return model.indicators.some(
    (indicator) => indicator.kind === 'window' && indicator.from.includes('warning'),
  );
}

/** The names of the models whose warnings a model names; those that it reads without naming them are left out. */
export function warningsNamed(model: Pick<Model, 'indicators'>): string[] {
  const names = model.indicators.flatMap((indicator) =>
    indicator.kind === 'window' ? (indicator.warningsOf ?? []) : [],
  );
  return [...new Set(names)];
}

/** The models of `models` whose warnings a model may read: those it names, and where it names none those that read none. */
export function warningSources(model: Pick<Model, 'indicators'>, models: readonly Model[]): Model[] {
  const named = warningsNamed(model);
  const open = model.indicators.some(
    (indicator) =>
      indicator.kind === 'window' && indicator.from.includes('warning') && indicator.warningsOf === null,
  );
  // That a feed is silent says nothing about what is supervised.
  return models.filter(
    (other) => other.feed === null && (named.includes(other.name) || (open && !readsWarnings(other))),
  );
}

/** Whether a device model asks for its owner, and the stratum of a model apart from the warnings that it reads. */
export function standingOf(model: UnplacedModel): Pick<Model, 'readsOwner' | 'stratum'> {
  const { scope } = model;
  const readsOwner =
    scope === 'device' && expressionsOf(model).some((expression) => expression.reads.owner.length > 0);
  if (readsOwner) return { readsOwner, stratum: OWNED_STRATUM };
  const hearsDevices =
    scope === 'subject' &&
    model.indicators.some(
      (indicator) => indicator.kind === 'window' && indicator.from.includes('sensor-reading'),
    );
  return { readsOwner, stratum: hearsDevices ? OWNER_STRATUM : SCOPE_STRATUM[scope] };
}

/**
 * Gives models that read warnings their stratum: above all whose warnings they may read.
 * @param models with the stratum of `standingOf`
 */
export function placeModels(models: readonly Model[]): {
  readonly models: Model[];
  readonly cycles: readonly WarningCycle[];
  readonly unknown: readonly NamedModel[];
  /** Those that read warnings themselves, asked for by who hears of all that read none. */
  readonly unheard: readonly NamedModel[];
} {
  const placement = new Placement(models);
  const placed = models.map((model) => ({ ...model, stratum: placement.stratumOf(model) }));
  const isHeard = ({ feed, shadow }: Model) => feed === null && shadow !== true;
  const known = new Set(models.filter(isHeard).map((model) => model.name));
  const joint = new Set(models.filter(readsWarnings).map((model) => model.name));
  const namedBy = (asked: 'warningsOf' | 'alsoAsked', isMeant: (name: string) => boolean): NamedModel[] =>
    models.flatMap((model) =>
      model.indicators.flatMap((indicator) =>
        ((indicator.kind === 'window' ? indicator[asked] : null) ?? [])
          .filter(isMeant)
          .map((name) => ({ model: model.name, indicator: indicator.name, name })),
      ),
    );
  const unknown = namedBy('warningsOf', (name) => !known.has(name));
  const unheard = namedBy('alsoAsked', (name) => joint.has(name));
  return { models: placed, cycles: placement.cycles, unknown, unheard };
}

/** 1 + the highest stratum. */
export function countStrata(models: readonly Model[]): number {
  return 1 + models.reduce((highest, model) => Math.max(highest, model.stratum), 0);
}

class Placement {
  readonly cycles: WarningCycle[] = [];
  private readonly known = new Map<string, number>();
  /** Names of the models whose place is being sought, each reading the next. */
  private readonly way: string[] = [];

  constructor(private readonly models: readonly Model[]) {}

  stratumOf(model: Model): number {
    if (!readsWarnings(model)) return model.stratum;
    const known = this.known.get(model.name);
    if (known !== undefined) return known;
    const begun = this.way.indexOf(model.name);
    if (begun >= 0) {
      this.cycles.push({ path: [...this.way.slice(begun), model.name] });
      return 0;
    }
    this.way.push(model.name);
    const read = warningSources(model, this.models).map((other) => this.stratumOf(other));
    this.way.pop();
    const stratum = Math.max(model.stratum, 1 + Math.max(SCOPE_STRATUM[model.scope], ...read));
    this.known.set(model.name, stratum);
    return stratum;
  }
}
