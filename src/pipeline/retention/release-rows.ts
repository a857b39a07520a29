// Events at the end of their term where the log lets go by itself: found among the rows that the warehouse has of them.
import type { StreamName } from '../../events/event.js';
import type { Row, Warehouse } from '../../ports/warehouse.js';
import type { Found, ReleasePlan, SurveyAsked } from './release-plan.js';

/** The rows of one partition of the events log. */
export class ReleasableRows {
  constructor(
    private readonly warehouse: Pick<Warehouse, 'query'>,
    private readonly partition: number,
  ) {}

  /** What may go, up to the first event whose term is not over. @param limit offset at and above which nothing goes */
  async plan(asked: SurveyAsked, limit: number): Promise<ReleasePlan> {
    const { released, from, before, held } = asked;
    const nothing = { ...asked, to: from, found: {}, stayed: {}, left: 'warehouse' } as const;
    if (from >= limit) return nothing;
    const { warehouse, partition } = this;
    const place = { partition, from, before };
    const [first] = await warehouse.query(FIRST_TO_STAY, { ...place, limit });
    const to = Number(first?.['total'] ?? 0) === 0 ? limit : Number(first?.['first']);
    const streams = released.filter((one) => one !== 'tick');
    const range = { ...place, to, streams, held: [...held] };
    const found = await warehouse.query(FOUND, range);
    const stayed = held.length === 0 ? [] : await warehouse.query(STAYED, range);
    return {
      ...{ ...nothing, to },
      found: Object.fromEntries(found.map(foundOf)),
      stayed: Object.fromEntries(stayed.map((row) => [String(row['of']), Number(row['first'])])),
    };
  }
}

function foundOf(row: Row): [StreamName, Found] {
  const number = (name: string) => Number(row[name]);
  const found = { count: number('total'), first: number('first_ms'), last: number('last_ms') };
  return [String(row['stream']) as StreamName, found];
}

/** A row of sign -1 repeats a record that was taken back. */
const PLACE = 'partition = {partition:UInt16} AND sign >= 0 AND offset >= {from:UInt64}';
const KEY = "concat(scope, ':', key)";
const RANGE = `${PLACE} AND offset < {to:UInt64} AND stream IN {streams:Array(String)}`;

const FIRST_TO_STAY = `
SELECT min(offset) AS first, count() AS total FROM events
WHERE ${PLACE} AND offset < {limit:UInt64} AND at > fromUnixTimestamp64Milli({before:Int64})`;

const FOUND = `
SELECT stream, count() AS total,
    toUnixTimestamp64Milli(min(at)) AS first_ms, toUnixTimestamp64Milli(max(at)) AS last_ms
FROM events
WHERE ${RANGE} AND ${KEY} NOT IN {held:Array(String)}
GROUP BY stream`;

const STAYED = `
SELECT ${KEY} AS of, min(offset) AS first FROM events
WHERE ${RANGE} AND ${KEY} IN {held:Array(String)}
GROUP BY of`;
