// How many events of a key the warehouse holds.
import { keyId, keyScope, type Key } from '../../events/event.js';
import type { Warehouse } from '../../ports/warehouse.js';

const COUNT = `
SELECT toInt64(sum(sign)) AS events
FROM events_by_key
WHERE key = {key:String} AND scope = {scope:String}`;

/** Events of a key but readings, as far as the archive has come; what was revoked or is a duplicate does not count. */
export async function storedEvents(warehouse: Pick<Warehouse, 'query'>, key: Key): Promise<number> {
  const [row] = await warehouse.query(COUNT, { key: keyId(key), scope: keyScope(key) });
  return Number(row?.['events'] ?? 0);
}
