// The dead list: deliveries that no channel took, by their place in the log. An entry is final.
import type { StateStore } from '../../ports/state.js';
import { decodeJson } from '../checkpoint.js';
import { DELIVER_NAMESPACE, deadName, type DeadDelivery } from './item.js';

const PAGE = 1_000;

export class DeadDeliveries {
  constructor(private readonly state: StateStore) {}

  /** In the order of the log, from an offset on, at most `limit`. */
  async list(from: number, limit: number): Promise<DeadDelivery[]> {
    const stored = await this.state.load(DELIVER_NAMESPACE, await this.names(from, limit));
    return stored.flatMap((bytes) => (bytes === undefined ? [] : [decodeJson<DeadDelivery>(bytes)]));
  }

  /** Their offsets, from one up to another. */
  async offsets(from: number, to: number): Promise<ReadonlySet<number>> {
    const found = new Set<number>();
    for (let next = from; ;) {
      const names = await this.names(next, PAGE);
      for (const name of names) {
        next = Number(name.slice(2)) + 1;
        if (next > to) return found;
        found.add(next - 1);
      }
      if (names.length < PAGE) return found;
    }
  }

  private names(from: number, limit: number): Promise<string[]> {
    return this.state.keys(DELIVER_NAMESPACE, 'd/', from === 0 ? '' : deadName(from - 1), limit);
  }
}
