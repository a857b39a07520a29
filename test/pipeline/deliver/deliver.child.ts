// Delivers what lies in a folder to a receiver, until all is done or it is killed.
// Arguments: folder, address of the receiver, how many deliveries a new folder begins with.
import { openLmdb } from '../../../src/adapters/lmdb/lmdb.js';
import { Stage, webhookTo } from './staged.js';

const [path, url, count] = process.argv.slice(2) as [string, string, string];
const DEPARTMENTS = ['fire', 'health', 'housing', 'market-regulation'];
const stores = await openLmdb({ path });
const receivers = Object.fromEntries(DEPARTMENTS.map((name) => [name, { url: `${url}/${name}` }]));
const stage = await Stage.open((now) => [webhookTo(receivers, now)], { stores });
if ((await stage.logs.deliveries.end(0)) === 0) {
  await stage.plan(
    ...Array.from({ length: Number(count) }, (_, index) => ({
      department: DEPARTMENTS[index % DEPARTMENTS.length] ?? '',
    })),
  );
}
await stage.settle();
await stores.close();
