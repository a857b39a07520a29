// Warnings in the store of the alert side: what is known of one, and apart from it its newest transition.
//
// The record of a warning is its state as JSON without `latest`, which lies in a record of its own, as the inbox log has
// it: most changes leave it as it is, and it is most of a state. A build before this wrote both into one record.
import { upgraded } from '../alerts/former-state.js';
import type { WarningRecord } from '../alerts/inbox.js';
import type { AlertState } from '../alerts/state.js';
import type { Catalogue } from '../catalogue/catalogue.js';
import { CodedError } from '../events/coded-error.js';
import { Recent } from '../events/recent.js';
import type { StateStore } from '../ports/state.js';
import { ALERT_NAMESPACE, caseName, latestName } from './alert-names.js';
import { decodeJson, encodeJson } from './checkpoint.js';

/** States kept at hand: a warning that was raised is soon told of its deliveries, and later of its deadlines. */
const STATES_KEPT = 2_000;

type Stored = Omit<AlertState, 'latest'> & Partial<Pick<AlertState, 'latest'>>;

/** The warnings that the alert side steps, as the last checkpoint left them. */
export class StoredCases {
  private readonly recent = new Recent<string, AlertState>(STATES_KEPT);
  /** Newest transitions that lie in a record of their own. */
  private readonly apart = new WeakSet<WarningRecord>();
  /** Records of the inbox as its log holds them, for as long as they are in memory. */
  private readonly bytes = new WeakMap<WarningRecord, Uint8Array>();

  constructor(
    private readonly store: StateStore,
    private readonly catalogue: Catalogue,
  ) {}

  /** Learns how the inbox log holds a record. */
  heard(record: WarningRecord, bytes: Uint8Array): void {
    this.bytes.set(record, bytes);
  }

  /** The states of some warnings; undefined for one that is not known. */
  async load(warnings: readonly string[]): Promise<Map<string, AlertState | undefined>> {
    const states = new Map<string, AlertState | undefined>();
    for (const warning of warnings) states.set(warning, this.recent.get(warning));
    const missing = warnings.filter((warning) => states.get(warning) === undefined);
    const stored = await read(this.store, missing);
    for (const [index, warning] of missing.entries()) {
      const one = stored[index];
      if (one === undefined) continue;
      if (one.isApart) this.apart.add(one.state.latest);
      states.set(warning, upgraded(one.state, this.catalogue));
    }
    return states;
  }

  /** Whether the newest transition of a state lies in a record of its own. */
  isApart({ latest }: AlertState): boolean {
    return this.apart.has(latest);
  }

  /** What is written of a state. */
  recordsOf({ latest, ...state }: AlertState): [name: string, bytes: Uint8Array][] {
    const own = encodeJson(state satisfies Stored);
    if (this.apart.has(latest)) return [[caseName(state.warning), own]];
    const bytes = this.bytes.get(latest) ?? encodeJson(latest);
    return [
      [caseName(state.warning), own],
      [latestName(state.warning), bytes],
    ];
  }

  /** The checkpoint with the records of these states stands. */
  committed(states: readonly AlertState[]): void {
    for (const state of states) {
      this.apart.add(state.latest);
      this.recent.set(state.warning, state);
    }
  }
}

/** The states of some warnings; undefined for one that is not known. */
export async function loadCases(
  store: StateStore,
  warnings: readonly string[],
  catalogue: Catalogue,
): Promise<(AlertState | undefined)[]> {
  const stored = await read(store, warnings);
  return stored.map((one) => (one === undefined ? undefined : upgraded(one.state, catalogue)));
}

/** @returns the states as they are stored, and whether the newest transition lies apart */
async function read(
  store: StateStore,
  warnings: readonly string[],
): Promise<({ readonly state: AlertState; readonly isApart: boolean } | undefined)[]> {
  const names = [...warnings.map(caseName), ...warnings.map(latestName)];
  const stored = await store.load(ALERT_NAMESPACE, names);
  return warnings.map((warning, index) => {
    const own = stored[index];
    if (own === undefined) return undefined;
    const { latest, ...state } = decodeJson<Stored>(own);
    if (latest !== undefined) return { state: { ...state, latest }, isApart: false };
    const apart = stored[warnings.length + index];
    if (apart === undefined)
      throw new CodedError('STORE_DAMAGED', `Warning ${warning} has no record of its newest transition.`);
    return { state: { ...state, latest: decodeJson<WarningRecord>(apart) }, isApart: true };
  });
}
