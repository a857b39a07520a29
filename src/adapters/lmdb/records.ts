// Records of a log as they lie in its table.
import { CodedError } from '../../events/coded-error.js';
import type { StoredRecord } from '../../ports/log.js';
import { decodeReleased, logKey, offsetOf, releasedKey } from './layout.js';
import type { Table } from './writer.js';

/**
 * Up to `limit` records of a partition from an offset on, below its end.
 * @throws CodedError STORE_DAMAGED where one is missing that was not let go
 */
export function recordsFrom(
  table: Table,
  partition: number,
  offset: number,
  limit: number,
  end: number,
): StoredRecord[] {
  const count = Math.min(limit, end - offset);
  if (count <= 0) return [];
  const one = count === 1 ? table.getBinary(logKey(partition, offset)) : undefined;
  // A copy, as those of a range are.
  if (one !== undefined) return [{ offset, value: Buffer.from(one) }];
  const records: StoredRecord[] = [];
  let next = offset;
  // Values of a range are copies, which lmdb does not use again.
  for (const { key, value } of table.getRange({ start: logKey(partition, offset), limit: count })) {
    const found = offsetOf(key);
    if (key.readUInt32BE(0) !== partition || found >= end) break;
    if (found !== next) checkReleased(table, partition, next, found);
    records.push({ offset: found, value });
    next = found + 1;
  }
  // The newest record is always there.
  if (records.length < count && next < end) checkReleased(table, partition, next, end + 1);
  return records;
}

/** The offset behind the newest record of a partition. */
export function endOf(table: Table, partition: number): number {
  const newest = {
    start: logKey(partition, Number.MAX_SAFE_INTEGER),
    end: releasedKey(partition),
    reverse: true,
    limit: 1,
  };
  for (const key of table.getKeys(newest)) return offsetOf(key) + 1;
  return 0;
}

/** Read in the turn in which the hole was seen, so that both are of one instant. */
function checkReleased(table: Table, partition: number, first: number, behind: number): void {
  if (behind <= decodeReleased(table.getBinary(releasedKey(partition)))) return;
  throw new CodedError('STORE_DAMAGED', `Record ${first} of partition ${partition} is missing.`);
}
