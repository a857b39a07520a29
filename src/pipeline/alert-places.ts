// What stands beside a warning in its place: red warnings of the same item and key, joint tasks on the key.
import { placeOf } from '../alerts/silence.js';
import type { Transition } from '../engine/output.js';
import type { StateStore } from '../ports/state.js';
import { ALERT_NAMESPACE, redsName, tasksName } from './alert-names.js';
import { decodeJson } from './checkpoint.js';

type Warnings = readonly string[];

/** Joint tasks on one key that others can join. */
const TASKS_MAX = 20;

export class Places {
  private readonly before: ReadonlyMap<string, Warnings>;

  private constructor(
    /** The red warnings that stand, by `placeOf`. */
    readonly reds: Map<string, Warnings>,
    private readonly tasks: Map<string, Warnings>,
  ) {
    this.before = new Map([...named(reds, redsName), ...named(tasks, tasksName)]);
  }

  /** What stands in the places of some transitions. */
  static async load(state: StateStore, transitions: readonly Transition[]): Promise<Places> {
    const lists = async (keys: Iterable<string>, nameOf: (key: string) => string) => {
      const all = [...new Set(keys)];
      const stored = await state.load(ALERT_NAMESPACE, all.map(nameOf));
      const found = new Map<string, Warnings>();
      for (const [index, key] of all.entries()) {
        const bytes = stored[index];
        if (bytes !== undefined) found.set(key, decodeJson<string[]>(bytes));
      }
      return found;
    };
    return new Places(
      await lists(transitions.map(placeOf), redsName),
      await lists(transitions.map(keyOf), tasksName),
    );
  }

  /** The warnings of all tasks at hand. */
  get taskWarnings(): string[] {
    return [...this.tasks.values()].flat();
  }

  /** The tasks on the key of a transition, some of which may be over or withheld. */
  tasksOn(transition: Transition): Warnings {
    return this.tasks.get(keyOf(transition)) ?? [];
  }

  /** Lists a task on its key, or takes it out. */
  list(transition: Transition, stands: boolean): void {
    const key = keyOf(transition);
    const listed = this.tasks.get(key) ?? [];
    if (listed.includes(transition.warning) === stands) return;
    const others = listed.filter((warning) => warning !== transition.warning);
    this.tasks.set(key, stands ? [...others, transition.warning].slice(-TASKS_MAX) : others);
  }

  /** Takes those tasks on the key of a transition out of the list that do not stand any more. */
  keepTasks(transition: Transition, stands: (warning: string) => boolean): void {
    const listed = this.tasksOn(transition);
    const kept = listed.filter(stands);
    if (kept.length < listed.length) this.tasks.set(keyOf(transition), kept);
  }

  /** The lists that have changed, by the names of their records; null for one that is empty. */
  changes(): Map<string, Warnings | null> {
    const changed = new Map<string, Warnings | null>();
    for (const [name, warnings] of [...named(this.reds, redsName), ...named(this.tasks, tasksName)]) {
      if (warnings !== this.before.get(name)) changed.set(name, warnings.length === 0 ? null : warnings);
    }
    return changed;
  }
}

function named(lists: ReadonlyMap<string, Warnings>, nameOf: (key: string) => string): [string, Warnings][] {
  return [...lists].map(([key, warnings]) => [nameOf(key), warnings]);
}

function keyOf({ scope, key }: Transition): string {
  return `${scope}:${key}`;
}
