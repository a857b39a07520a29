// A holder of seals that has the newest of each batch time-stamped, and puts the tokens where another holder keeps them.
import { hexToBytes } from '@noble/hashes/utils.js';
import type { HandedSeal, SealHolder, TakeResult } from '../ports/seal-holder.js';
import type { Timestamper } from '../ports/timestamper.js';

/**
 * A token is over the id of a seal, which names all before it; so after an outage one token is enough for all that
 * waited. What is kept of each seal is `{ id, seal: { number }, token }`: the token in Base64, null where that of a
 * later seal covers it. A crash between the token and its keeping asks for one more.
 */
export function openStamping(timestamper: Timestamper, keeper: SealHolder): SealHolder {
  return {
    name: `stamps-${keeper.name}`,
    atOnce: keeper.atOnce,
    async take(seals): Promise<TakeResult> {
      const newest = seals[seals.length - 1];
      if (newest === undefined) return { ok: true };
      let token: Uint8Array;
      try {
        token = await timestamper.stamp(hexToBytes(newest.id));
      } catch (error) {
        return { ok: false, reason: error instanceof Error ? error.message : String(error) };
      }
      return keeper.take(seals.map((seal) => stamped(seal, seal === newest ? base64(token) : null)));
    },
  };
}

function stamped({ number, id }: HandedSeal, token: string | null): HandedSeal {
  return { number, id, line: JSON.stringify({ id, seal: { number }, token }) };
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
