// Legal holds that several processes order and end at a time.
import { describe, expect, it } from 'vitest';
import { randomUUID } from 'node:crypto';
import { openMemory } from '../../../src/adapters/memory/memory.js';
import { decodeJson } from '../../../src/pipeline/checkpoint.js';
import { Holds } from '../../../src/pipeline/retention/holds.js';

const NOW = Date.UTC(2026, 2, 2);
const BY = '张三（法制科）';

function site() {
  const stores = openMemory();
  const logs = { audit: stores.log('audit') };
  const open = () => new Holds({ state: stores.state, logs, nonce: randomUUID });
  const noted = async () => {
    const records = await logs.audit.read(0, 0, await logs.audit.end(0));
    return records.map(({ value }) => decodeJson<{ what: string; hold: string }>(value));
  };
  return { open, noted };
}

const order = (number: number) => ({
  id: number.toString(16).padStart(16, '0'),
  subject: `subject:shop:${number}`,
  ...{ reason: '行政复议', by: BY, until: NOW + 1_000 + number },
});

describe('legal holds of several processes', () => {
  it('are all in force where they are ordered at once, each noted once', async () => {
    const { open, noted } = site();
    await Promise.all([0, 1, 2, 3, 4, 5].map((number) => open().add(order(number), NOW)));
    const inForce = await open().inForce(NOW);
    expect(inForce.map(({ subject }) => subject)).toEqual([0, 1, 2, 3, 4, 5].map((n) => `subject:shop:${n}`));
    expect((await noted()).map(({ hold }) => hold).sort()).toEqual(inForce.map(({ id }) => id));
  });

  it('end one by one while others are ordered, and nobody ends one twice', async () => {
    const { open, noted } = site();
    const [first, second] = [order(1), order(2)];
    await open().add(first, NOW);
    await Promise.all([open().end(first.id, BY, '结案', NOW), open().add(second, NOW)]);
    expect((await open().inForce(NOW)).map(({ id }) => id)).toEqual([second.id]);
    await expect(open().end(first.id, BY, '结案', NOW)).rejects.toMatchObject({ code: 'HOLD_UNKNOWN' });
    expect((await noted()).filter(({ what }) => what === 'end-hold')).toHaveLength(1);
  });
});
