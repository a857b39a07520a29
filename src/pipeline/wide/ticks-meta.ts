// What the checkpoint of the ticks says: how far time has come, who lets it pass, and which change of rules is next.
import type { StateStore } from '../../ports/state.js';
import { CheckpointCursor, FencedError, NO_CHANGES, type Changes } from '../checkpoint.js';
import type { Change } from './schedule.js';

export interface TicksMeta {
  /** The newest tick that every partition has; null before the first. */
  readonly tick: number | null;
  /** Who appends ticks, and until when nobody else does. */
  readonly holder: string;
  readonly until: number;
  /** What is to be announced, and its instant, once whoever appends ticks has chosen it; null for nothing. */
  readonly change?: { readonly change: Change; readonly at: number | null } | null;
  /** What every partition was told last. */
  readonly announced?: Announced;
}

export interface Announced {
  /** The instant of the last change, epoch ms. */
  readonly at: number;
  /** The rules that were named last; null for those of the first start. */
  readonly revision: string | null;
  /** From when on these rules are in force, epoch ms; an older build left it out. */
  readonly since?: number;
  /** The newest change of rules whose history was told to the end; 0 for none. */
  readonly told: number;
}

export const TICKS_NAMESPACE = 'ticks';
export const NO_TICKS: TicksMeta = { tick: null, holder: '', until: 0 };
const NOTHING: Announced = { at: 0, revision: null, told: 0 };
const ATTEMPTS = 20;

/** What was announced last. */
export function announcedIn({ announced }: TicksMeta): Announced {
  return announced ?? NOTHING;
}

/** From when on the rules that were named last are in force, epoch ms; null for those of the first start. */
export function inForceSince({ revision, since, at }: Announced): number | null {
  return revision === null ? null : (since ?? at);
}

export class TicksCursor {
  private readonly cursor: CheckpointCursor<TicksMeta>;

  constructor(state: StateStore, nonce: () => string) {
    this.cursor = new CheckpointCursor<TicksMeta>(state, TICKS_NAMESPACE, nonce);
  }

  async load(): Promise<TicksMeta> {
    return (await this.cursor.load()) ?? NO_TICKS;
  }

  /** @returns false where another came in between since the last load or commit */
  async commit(meta: TicksMeta, changes: Changes = NO_CHANGES): Promise<boolean> {
    try {
      await this.cursor.commit(meta, changes);
      return true;
    } catch (error) {
      if (error instanceof FencedError) return false;
      throw error;
    }
  }

  /**
   * Changes what the newest checkpoint says, whoever comes in between.
   * @param next what it says then; null to leave it as it is
   * @returns whether it was changed
   */
  async update(next: (meta: TicksMeta) => TicksMeta | null): Promise<boolean> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const changed = next(await this.load());
      if (changed === null) return false;
      if (await this.commit(changed)) return true;
    }
    throw new FencedError(TICKS_NAMESPACE);
  }

  /** Asks for a change to be announced. @returns false while another is, or where it was announced last already */
  request(change: Change): Promise<boolean> {
    return this.update((meta) => {
      const { revision, told } = announcedIn(meta);
      const isKnown = change.kind === 'revision' ? change.revision === revision : change.epoch <= told;
      if (isKnown || (meta.change ?? null) !== null) return null;
      return { ...meta, change: { change, at: null } };
    });
  }
}

/** What was announced, once a change has been. */
export function announcedAfter(meta: TicksMeta, change: Change, at: number): Announced {
  const before = announcedIn(meta);
  return change.kind === 'revision'
    ? { ...before, at, revision: change.revision, since: at }
    : { ...before, at, told: Math.max(before.told, change.epoch) };
}
