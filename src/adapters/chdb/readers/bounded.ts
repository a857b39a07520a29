// A query run so that the limit on the bytes of its answer holds, and so that an answer without rows has its columns.
//
// ClickHouse counts a constant column once however many rows it has, and chDB holds a whole answer in memory: measured,
// 900,000 rows of a constant of 3 KB made 2.7 GB under max_result_bytes of 64 MiB. So each column is materialised, which
// costs nothing where it is none, and takes asking for the columns first: some milliseconds, and scalar subqueries twice,
// since their values are among what has to be known. A column of LowCardinality counts each value once as well; in Native
// it is sent so, in any other format as an ordinary one, which it is made into.
import type { Answer, Job } from '../engine.js';
import { identifier, literal } from '../statement.js';
import { emptyBlock } from './native.js';

const QUOTED_OR_FORMAT = /'(?:[^'\\]|\\.|'')*'|`(?:[^`\\]|\\.|``)*`|"(?:[^"\\]|\\.|"")*"| FORMAT (\w+)$/g;

/** What it encloses has at most two levels of its own: Nullable(FixedString(3)). */
const LOW_CARDINALITY = /LowCardinality\(((?:[^()]|\((?:[^()]|\([^()]*\))*\))*)\)/g;

/**
 * Runs a SELECT.
 * @param job its statement in canonical form
 * @param run as `Engine.run`
 * @throws EngineError as `run`
 */
export async function runBounded(job: Job, run: (job: Job) => Promise<Answer>): Promise<Answer> {
  let { format } = job;
  const select = job.sql.replace(QUOTED_OR_FORMAT, (found, named?: string) => {
    if (named === undefined) return found;
    format = named;
    return '';
  });
  const described = await run({ ...job, sql: `DESCRIBE TABLE (${select})`, format: 'JSONCompactEachRow' });
  const columns = Buffer.from(described.body)
    .toString('utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as [string, string])
    .map(([name, type]) => ({ name, type }));
  const list = columns.map(({ name, type }) => {
    const column = `materialize(${identifier(name)})`;
    const plain = type.replace(LOW_CARDINALITY, '$1');
    const sent = format === 'Native' || plain === type ? column : `CAST(${column}, ${literal(plain)})`;
    return `${sent} AS ${identifier(name)}`;
  });
  const answer = await run({ ...job, sql: `SELECT ${list.join(', ')} FROM (${select})`, format });
  if (format !== 'Native' || answer.body.byteLength > 0) return answer;
  return { ...answer, body: emptyBlock(columns) };
}
