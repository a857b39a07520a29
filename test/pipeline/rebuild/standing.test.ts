// What stands is not written again, chains go on behind it, and what differs from it is refused.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import type { Origin, WarningRecord } from '../../../src/alerts/inbox.js';
import type { Transition } from '../../../src/engine/output.js';
import { saltOf } from '../../../src/evidence/blinding.js';
import { CHAIN_START, linkRecord } from '../../../src/evidence/chain.js';
import { decodeJson, encodeJson } from '../../../src/pipeline/checkpoint.js';
import { StandingLog } from '../../../src/pipeline/rebuild/standing-log.js';
import { StandingTransitions } from '../../../src/pipeline/rebuild/standing-transitions.js';
import type { Log } from '../../../src/ports/log.js';

const originOf = (source: string, offset: number, ordinal = 0): Origin => ({ source, offset, ordinal });
const said = (source: string, offset: number, ordinal = 0) =>
  encodeJson({ kind: 'derived', origin: originOf(source, offset, ordinal) });
const mark = (source: string, at: number) => encodeJson({ kind: 'mark', source, at });

async function textsOf(log: Log, partition: number): Promise<unknown[]> {
  return (await log.read(partition, 0, 100)).map(({ value }) => decodeJson(value));
}

describe('a log whose steps are done again', () => {
  it('takes what follows its tail, by source and partition, and drops what stands', async () => {
    const log = openMemory().log('derived');
    await log.append(0, [said('events/0', 3), mark('0/0', 50), said('events/0', 4, 1)]);
    // Behind a crash some came again, so the last is not the highest.
    await log.append(0, [said('events/0', 3)]);
    await log.append(1, [said('events/0', 9)]);
    const standing = new StandingLog(log);
    await standing.survey(0, 0);
    await standing.survey(1, 0);
    await standing.append(0, [said('events/0', 4, 0), said('events/0', 4, 1), mark('0/0', 50)]);
    expect(await log.end(0)).toBe(4);
    await standing.append(0, [said('events/0', 4, 2), said('events/1', 0), mark('0/0', 51), mark('0/1', 7)]);
    await standing.append(0, [said('events/0', 4, 2), mark('0/1', 7)]);
    expect((await textsOf(log, 0)).slice(4)).toEqual([
      { kind: 'derived', origin: originOf('events/0', 4, 2) },
      { kind: 'derived', origin: originOf('events/1', 0) },
      { kind: 'mark', source: '0/0', at: 51 },
      { kind: 'mark', source: '0/1', at: 7 },
    ]);
    expect(standing.origins(1)).toEqual({ 'events/0': originOf('events/0', 9) });
    expect(standing.origins(0)['events/0']).toEqual(originOf('events/0', 4, 2));
  });

  it('is read before it is written', async () => {
    await expect(new StandingLog(openMemory().log('inbox')).append(0, [])).rejects.toThrow('was not read');
  });
});

const KEY = new Uint8Array(32).fill(3);
const transition = (warning: string) =>
  ({ kind: 'transition', warning, level: 'blue' }) as unknown as Transition;

/** Three transitions of one source, at offsets 2, 4 and 6. */
function standing(): { readonly transitions: StandingTransitions; readonly last: WarningRecord } {
  const transitions = new StandingTransitions();
  let head = CHAIN_START;
  let last: WarningRecord | null = null;
  for (const [index, warning] of ['a', 'b', 'c'].entries()) {
    const salt = saltOf(KEY, '0/1', index + 1);
    const link = linkRecord(head, salt, { sample: [], transition: transition(warning) });
    head = { sequence: link.sequence, hash: link.hash };
    const origin = originOf('events/1', 2 + 2 * index);
    last = { kind: 'warning', origin, at: 5, transition: transition(warning), sample: [], link };
    transitions.hear(last);
  }
  return { transitions, last: last as WarningRecord };
}

describe('transitions that stand', () => {
  it('leave the chain at the last of them, from which on it is linked anew', () => {
    const { transitions, last } = standing();
    const head = { sequence: last.link.sequence, hash: last.link.hash };
    const before = transitions.headAfter(originOf('events/1', 2), transition('a'), CHAIN_START);
    expect(before).toEqual(CHAIN_START);
    expect(transitions.headAfter(last.origin, transition('c'), CHAIN_START)).toEqual(head);
    expect(transitions.headAfter(originOf('events/1', 6, 1), transition('d'), head)).toBeNull();
    expect(transitions.headAfter(originOf('events/0', 0), transition('d'), CHAIN_START)).toBeNull();
  });

  it('are refused where the steps say something else, or nothing, in the place of the last', () => {
    const { transitions, last } = standing();
    const differs = expect.objectContaining({ code: 'REBUILD_DIFFERS' }) as unknown as Error;
    expect(() => transitions.headAfter(last.origin, transition('x'), CHAIN_START)).toThrow(differs);
    expect(() => transitions.headAfter(originOf('events/1', 7), transition('d'), CHAIN_START)).toThrow(
      differs,
    );
    expect(() => transitions.check('0/1', { sequence: 2, hash: '' })).toThrow(differs);
    expect(() => transitions.check('0/1', last.link)).not.toThrow();
    expect(() => transitions.check('0/0', CHAIN_START)).not.toThrow();
  });

  it('tell by their salts whether a site key is theirs', () => {
    expect(standing().transitions.isSaltedWith(KEY)).toBe(true);
    expect(standing().transitions.isSaltedWith(new Uint8Array(32))).toBe(false);
    expect(new StandingTransitions().isSaltedWith(new Uint8Array(32))).toBe(true);
  });
});
