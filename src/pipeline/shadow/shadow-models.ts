// What models in the shadow said since they were switched on, beside the live models, for whoever decides on them.
import { isShadowWarning } from '../../engine/transition.js';
import { formatInstant } from '../../events/timestamp.js';
import type { Model } from '../../model/model.js';
import type { RuleSet } from '../../model/ruleset.js';
import { loadOf, type DepartmentLoad } from '../measures/load.js';
import {
  countsOf,
  countWarnings,
  type CountedWarning,
  type LevelCounts,
  type WarningCounts,
} from '../measures/warning-counts.js';
import { Weeks } from '../measures/weeks.js';
import { besideLive, type BesideLive } from './beside-live.js';
import { Episodes, type Episode } from './episodes.js';
import type { Said } from './said.js';

/** From when on a model runs in the shadow. */
export interface ShadowSince {
  /** When the rules with which it began came into force, epoch ms; null where that is not recorded. */
  readonly sinceMs: number | null;
  /** When its file was changed last while it ran in the shadow; null for never. */
  readonly changedMs: number | null;
  /** Whether warnings from before `sinceMs` count: it was in the first rules, to which the whole past was shown. */
  readonly fromBeginning: boolean;
}

/** What a department has to do in a week, in subjects as in `DepartmentLoad`. */
export type WeekLoad = Pick<DepartmentLoad, 'mean' | 'most' | 'over'> & {
  /** Those that wait at the end; null without a capacity. */
  readonly waiting: number | null;
};

export interface AddedLoad {
  readonly department: string;
  readonly name: string;
  readonly capacity: number | null;
  readonly weeks: number;
  /** By the live models that run now, and with this model among them. */
  readonly live: WeekLoad;
  readonly together: WeekLoad;
}

export type LiveModel = { readonly model: string; readonly title: string } & BesideLive & LevelCounts;

/** Instants are RFC 3339. */
export interface ShadowReport extends Omit<WarningCounts, 'load'> {
  readonly model: string;
  readonly title: string;
  readonly item: string;
  readonly itemTitle: string;
  /** Null where neither the history of the rules nor a warning says it. */
  readonly since: string | null;
  /** By the history of the rules, or by its first warning. */
  readonly sinceBy: 'history' | 'first-warning' | null;
  readonly changed: string | null;
  readonly to: string;
  readonly days: number;
  readonly standing: number;
  /** The live models of the same item, each and together. */
  readonly live: { readonly models: readonly LiveModel[]; readonly together: BesideLive & LevelCounts };
  readonly load: readonly AddedLoad[];
}

const DAY_MS = 86_400_000;

type Counted = Episode & CountedWarning;

/** Hears what a deployment said, in its order. */
export class ShadowModels {
  private readonly episodes: Episodes;
  private readonly weeks: Weeks;
  private readonly items: ReadonlyMap<string, string>;

  /** @param asked models of the rules that run in the shadow, by name */
  constructor(
    private readonly rules: RuleSet,
    private readonly asked: ReadonlyMap<string, ShadowSince>,
  ) {
    const begins = [...asked.values()].map(beginOf);
    this.episodes = new Episodes(Math.min(...begins), Infinity);
    this.weeks = new Weeks(rules.catalogue.calendar.zone);
    this.items = new Map(rules.models.map(({ name, item }) => [name, item]));
  }

  /** @throws CodedError REPLAY_LIMIT */
  hear(said: Said): void {
    if (this.items.has(said.model)) this.episodes.hear(said);
  }

  /** In the order of the rules. @param clock up to which everything was decided, epoch ms */
  reports(clock: number): ShadowReport[] {
    const [live, shadow]: [Counted[], Counted[]] = [[], []];
    const modes = new Map(this.rules.models.map(({ name, shadow: isShadow }) => [name, isShadow === true]));
    for (const episode of this.episodes.all) {
      // What a model said in its other mode is not what it says now.
      if (modes.get(episode.model) !== isShadowWarning(episode)) continue;
      const counted = { ...episode, item: this.items.get(episode.model) ?? '' };
      (modes.get(episode.model) === true ? shadow : live).push(counted);
    }
    return this.rules.models.flatMap((model) => {
      const since = this.asked.get(model.name);
      if (since === undefined) return [];
      const own = shadow.filter((one) => one.model === model.name && one.raised >= beginOf(since));
      return [this.report(model, since, own, live, clock)];
    });
  }

  private report(
    model: Model,
    { sinceMs, changedMs }: ShadowSince,
    own: readonly Counted[],
    said: readonly Counted[],
    clock: number,
  ): ShadowReport {
    const { catalogue } = this.rules;
    const first = own.reduce((least, { raised }) => Math.min(least, raised), sinceMs ?? Infinity);
    const toMs = own.reduce((last, { raised }) => Math.max(last, raised), clock);
    const fromMs = Math.min(first, toMs);
    const begins = this.weeks.between(fromMs, toMs);
    const live = said.filter(({ ended }) => ended >= fromMs);
    const { load: _, ...counts } = countWarnings(own, catalogue, begins, this.weeks);
    return {
      ...{ model: model.name, title: model.title, item: model.item },
      itemTitle: catalogue.items.get(model.item)?.title ?? model.item,
      since: first === Infinity ? null : formatInstant(first),
      sinceBy: first === Infinity ? null : first === sinceMs ? 'history' : 'first-warning',
      changed: changedMs === null ? null : formatInstant(changedMs),
      to: formatInstant(toMs),
      days: (toMs - fromMs) / DAY_MS,
      standing: own.filter(({ ended }) => ended === Infinity).length,
      ...counts,
      live: this.beside(model, own, live, fromMs),
      load: this.added(own, live, fromMs, begins),
    };
  }

  private beside(
    { item }: Model,
    own: readonly Counted[],
    live: readonly Counted[],
    fromMs: number,
  ): ShadowReport['live'] {
    const against = (episodes: readonly Counted[]) => ({
      ...countsOf(episodes.filter(({ raised }) => raised >= fromMs)),
      ...besideLive(own, episodes, fromMs),
    });
    const models = this.rules.models.filter((one) => one.item === item && one.shadow !== true);
    return {
      models: models.map(({ name, title }) => {
        return { model: name, title, ...against(live.filter((one) => one.model === name)) };
      }),
      together: against(live.filter((one) => one.item === item)),
    };
  }

  private added(
    own: readonly Counted[],
    live: readonly Counted[],
    fromMs: number,
    begins: readonly number[],
  ): AddedLoad[] {
    const { catalogue } = this.rules;
    const told = live.filter(({ raised }) => raised >= fromMs);
    const [before, after, alone] = [told, [...told, ...own], own].map(
      (warnings) =>
        new Map(loadOf(warnings, catalogue, begins, this.weeks).map((one) => [one.department, one] as const)),
    );
    return [...(alone?.keys() ?? [])].flatMap((department) => {
      const together = after?.get(department);
      if (together === undefined) return [];
      const { name, capacity } = together;
      const none = { mean: 0, most: 0, ...(capacity === null ? NO_CAPACITY : { over: 0, waiting: 0 }) };
      const former = before?.get(department);
      return [
        {
          ...{ department, name: name ?? department, capacity, weeks: begins.length },
          live: former === undefined ? none : weekLoad(former),
          together: weekLoad(together),
        },
      ];
    });
  }
}

const NO_CAPACITY = { over: null, waiting: null };

function beginOf({ sinceMs, fromBeginning }: ShadowSince): number {
  return fromBeginning || sinceMs === null ? -Infinity : sinceMs;
}

function weekLoad({ mean, most, over, weeks }: DepartmentLoad): WeekLoad {
  return { mean, most, over, waiting: weeks[weeks.length - 1]?.waiting ?? null };
}
