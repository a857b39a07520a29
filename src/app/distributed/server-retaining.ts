// Retention on servers: any process refuses to erase what a hold keeps; the one that archives ends the terms once a day.
import { randomUUID } from 'node:crypto';
import { isGone, type CodedError } from '../../events/coded-error.js';
import type { StreamName } from '../../events/event.js';
import type { RuleSet } from '../../model/ruleset.js';
import { encodeJson } from '../../pipeline/checkpoint.js';
import { ArchivedHistory } from '../../pipeline/history/archived-history.js';
import { archivedOf } from '../../pipeline/positions.js';
import { Holds, type Hold } from '../../pipeline/retention/holds.js';
import { PersonalIndex } from '../../pipeline/retention/personal-index.js';
import { PersonalTerm, type Swept } from '../../pipeline/retention/personal-term.js';
import type { ReleasedCounts } from '../../pipeline/retention/release-events.js';
import { SettingAside } from '../../pipeline/retention/setting-aside.js';
import { SweepTurn } from '../../pipeline/retention/sweep-turn.js';
import type { Warehouse } from '../../ports/warehouse.js';
import type { Log } from '../log.js';
import type { SweepParts } from '../retaining.js';
import type { ServerReleasing } from './server-releasing.js';
import type { ServerStores } from './server-stores.js';

export interface ServerRetainingOptions {
  readonly stores: Pick<ServerStores, 'logs' | 'state' | 'vault' | 'partitions' | 'begin'>;
  /** Has what the log has let go of. */
  readonly warehouse: Pick<Warehouse, 'query'>;
  /** In force. */
  readonly rules: () => RuleSet;
  /** Whether the sweeps fall to this process; where two think so for a moment, the one that began last does it. */
  readonly holds: () => boolean;
  /** How events are let go; they are not where this process does not archive. */
  readonly releasing?: (parts: SweepParts) => ServerReleasing | null;
  readonly now: () => number;
  readonly log: Pick<Log, 'info' | 'failure'>;
}

const LOOK_MS = 600_000;
const DAY_MS = 86_400_000;

export class ServerRetaining {
  private readonly turn: SweepTurn;
  private readonly releaseTurn: SweepTurn;
  private releasing: ServerReleasing | null = null;
  private readonly parts: ReturnType<ServerRetaining['opened']>;
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<unknown> | null = null;
  private isStopping = false;
  private toldAt = -Infinity;

  constructor(private readonly options: ServerRetainingOptions) {
    this.turn = new SweepTurn(options.stores.state, randomUUID);
    this.releaseTurn = new SweepTurn(options.stores.state, randomUUID, 'retention/release');
    this.parts = this.opened();
  }

  /** Legal holds that keep what stands behind a pseudonym. @throws CodedError RECORD_GONE as `PersonalIndex.catchUp` */
  holding(pseudonym: string): Promise<Hold[]> {
    // Its own place in the index: a sweep may be on its way through all of it.
    return this.opened().term.holding(pseudonym, this.options.now());
  }

  /** Events that were let go since the start of the process, by stream. */
  get released(): ReleasedCounts {
    return this.releasing?.released ?? new Map<StreamName, number>();
  }

  /** Looks now and then whether a day has passed since the last sweep. */
  start(): void {
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    this.timer.unref();
    void this.look();
  }

  /** One look, whose failures are told. */
  async look(): Promise<void> {
    await (this.looking ??= this.daily()
      .then(() => this.releaseDaily())
      .catch((error: unknown) => this.failed(error))
      .finally(() => (this.looking = null)));
  }

  /** Ends a sweep under way before it erases anything more, and waits for that. */
  async stop(): Promise<void> {
    this.isStopping = true;
    if (this.timer !== null) clearInterval(this.timer);
    await this.looking;
  }

  /** Sweeps where it falls to this process and the last sweep that came to its end is a day ago. @returns null where not */
  async daily(): Promise<Swept | null> {
    const { holds, rules, now, log } = this.options;
    const { personal } = rules().catalogue.retention;
    const { index, ordered, term } = this.parts;
    const at = now();
    if (!holds() || (personal.size === 0 && (await ordered.inForce(at)).length === 0)) return null;
    // Near the end of the log, so that whoever asks for an erasure does not wait for all of it.
    await index.catchUp();
    if (personal.size === 0 || !(await this.turn.begin(at))) return null;
    const swept = await term.sweep(personal, at);
    await this.turn.end(swept.whole ? at : null);
    if (swept.erased + swept.held > 0 || !swept.whole)
      log.info({ ...swept }, 'personal values whose term is over were erased, but for those on hold');
    return swept;
  }

  /**
   * Lets events go whose term is over, where it falls to this process and the last sweep that came to its end is a day ago.
   * @returns whether it came to its end
   */
  async releaseDaily(): Promise<boolean> {
    const { holds, rules, now, log } = this.options;
    const { releaseTurn: turn } = this;
    const { revision, catalogue } = rules();
    const terms = catalogue.retention.events;
    const at = now();
    if (!holds() || terms.size === 0 || this.isStopping) return false;
    const { index, ordered } = this.parts;
    this.releasing ??= this.options.releasing?.({ index, holds: ordered }) ?? null;
    if (this.releasing === null || !(await turn.begin(at))) return false;
    const goesOn = async () => !this.isStopping && holds() && (await turn.goOn(now()));
    const refusal = await this.releasing.sweep({ terms, revision, now: at, goesOn });
    await turn.end(refusal === null ? at : null);
    if (refusal !== null) log.info({ refusal }, 'events whose term is over are kept for now');
    else log.info({ released: Object.fromEntries(this.released) }, 'events whose term is over were let go');
    return refusal === null;
  }

  /** Records that nobody has any more keep all terms from ending, so the operators are told, once a day. */
  private async failed(error: unknown): Promise<void> {
    const { stores, now, log } = this.options;
    if (this.isStopping) return;
    log.failure('retention', error, LOOK_MS);
    const at = now();
    if (!isGone(error) || at - this.toldAt < DAY_MS) return;
    this.toldAt = at;
    const { code, message } = error as CodedError;
    const alert = { kind: 'operator', code, clock: at, model: null, key: null, message, count: 1 };
    const origin = { source: 'retention', offset: at, ordinal: 0 };
    await stores.logs.operator
      .append(0, [encodeJson({ origin, alert })])
      .catch((failure: unknown) => log.failure('retention', failure, LOOK_MS));
  }

  private opened() {
    const { stores, warehouse, holds, now } = this.options;
    const { logs, state, vault, partitions, begin } = stores;
    const nonce = randomUUID;
    const history = new ArchivedHistory({
      ...{ warehouse, events: logs.events, partitions: partitions.events },
      archived: (partition) => archivedOf(state, partition),
    });
    const first = (partition: number) => begin('events', partition);
    const wide = { partitions: partitions.events, begin: first, history };
    const index = new PersonalIndex({ logs, state, nonce, wide });
    const ordered = new Holds({ state, logs, nonce });
    const goesOn = async () => !this.isStopping && holds() && (await this.turn.goOn(now()));
    const erasing = new SettingAside({ index, holds: ordered, vault, logs, nonce, goesOn });
    return { index, ordered, term: new PersonalTerm({ index, holds: ordered, vault, erasing }) };
  }
}
