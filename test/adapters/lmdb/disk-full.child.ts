// Writes until the disk refuses, some times over, and tells what was acknowledged.
import { openLmdb } from '../../../src/adapters/lmdb/lmdb.js';

const stores = await openLmdb({ path: process.argv[2] as string });
const log = stores.log('events');
const refusals: string[] = [];
let acknowledged = 0;
while (refusals.length < 6) {
  // One turn, hence one transaction: both or neither.
  const results = await Promise.allSettled([
    log.append(
      0,
      Array.from({ length: 100 }, () => new Uint8Array(1_000)),
    ),
    stores.state.commit('test', {
      base: acknowledged,
      baseNonce: acknowledged === 0 ? '' : `n${acknowledged}`,
      nonce: `n${acknowledged + 1}`,
      meta: new Uint8Array(0),
      records: new Map([[`key ${acknowledged}`, new Uint8Array(10)]]),
      timersSet: [],
      timersCleared: [],
    }),
  ]);
  const refused = results.filter((result) => result.status === 'rejected');
  for (const { reason } of refused) refusals.push((reason as { code: string }).code);
  if (refused.length === 0) acknowledged += 1;
}
const small = await stores.meta.put('small', new Uint8Array(1)).then(
  () => 'ok',
  (error: { code: string }) => error.code,
);
await stores.close();
process.stdout.write(JSON.stringify({ acknowledged, refusals, smallAfterwards: small }));
