// Sends batches of ten lines until the disk refuses some, and tells which were acknowledged.
import { openInbox } from '../../../src/adapters/files/inbox.js';

const inbox = openInbox({ dir: process.argv[2] as string });
const results: { id: string; ok: boolean }[] = [];
for (let batch = 0, refused = 0; refused < 4; batch += 1) {
  const deliveries = Array.from({ length: 10 }, (_, index) => ({
    id: `${batch} ${index}`,
    department: 'fire',
    channel: 'file',
    body: { text: 'x'.repeat(1_500) },
  }));
  const { ok } = await inbox.send(deliveries);
  results.push({ id: `${batch}`, ok });
  if (!ok) refused += 1;
}
process.stdout.write(JSON.stringify(results));
