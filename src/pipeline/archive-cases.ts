// How warnings stand as rows that can be summed: what holds from now on counts 1, what held before is taken off.
import { titleOf } from '../alerts/drawn-task.js';
import type { Standing, StandingDuty } from '../alerts/standing.js';
import type { Log } from '../ports/log.js';
import type { Row, Warehouse } from '../ports/warehouse.js';
import type { StandingRecord } from './alert-round.js';
import type { ArchiveRules } from './archive-alerts.js';
import type { ArchiveSource, Block } from './archive.js';
import { decodeJson } from './checkpoint.js';
import { OriginFilter, type Origins } from './origins.js';

/** Warnings asked for at once: their ids go into the address of a request. */
const WARNINGS_MAX = 1_000;

const CASES = `
SELECT *
FROM cases
WHERE warning IN {warnings:Array(String)} AND offset < {before:UInt64} AND sign = 1
ORDER BY version DESC
LIMIT 1 BY warning`;

const DEADLINES = `
SELECT *
FROM deadlines
WHERE warning IN {warnings:Array(String)} AND offset < {before:UInt64}
ORDER BY offset DESC, sign DESC
LIMIT 1 BY warning, kind, department, began`;

/** The rows of one warning that stand. */
interface Former {
  row: Row | null;
  /** By kind, department and beginning. */
  readonly duties: Map<string, Row>;
}

/** The log of standings on its way into `cases` and `deadlines`. */
export class CasesSource implements ArchiveSource<Origins> {
  readonly name = 'cases/0';
  readonly start: Origins = {};
  readonly tables = ['cases', 'deadlines'];

  constructor(
    private readonly log: Log,
    private readonly warehouse: Warehouse,
    private readonly rules: ArchiveRules,
  ) {}

  limit(): Promise<number> {
    return this.log.end(0);
  }

  /** What stood before the block is read from the warehouse, where all below it is; so a block is always the same. */
  async block(from: number, to: number, memory: Origins): Promise<Block<Origins>> {
    const filter = new OriginFilter(memory);
    const records: { readonly offset: number; readonly record: StandingRecord }[] = [];
    for (const { offset, value } of await this.log.read(0, from, to - from)) {
      if (offset >= to) break;
      const record = decodeJson<StandingRecord>(value);
      if (filter.admit(record.origin)) records.push({ offset, record });
    }
    const warnings = [...new Set(records.map(({ record }) => record.standing.warning))];
    const former = await this.former(warnings, from);
    const cases: Row[] = [];
    const deadlines: Row[] = [];
    for (const { offset, record } of records) {
      const known = former.get(record.standing.warning);
      if (known === undefined) continue;
      const row = await this.caseRow(record, offset);
      if (known.row !== null) cases.push({ ...known.row, offset, sign: -1 });
      cases.push(row);
      known.row = row;
      deadlines.push(...dutyRows(record.standing, known.duties, offset, String(row['domain'])));
    }
    const rows = new Map([
      ['cases', cases],
      ['deadlines', deadlines],
    ]);
    return { rows, memory: filter.origins };
  }

  private async former(warnings: readonly string[], before: number): Promise<Map<string, Former>> {
    const former = new Map(warnings.map((warning): [string, Former] => [warning, none()]));
    for (let at = 0; at < warnings.length; at += WARNINGS_MAX) {
      const asked = { warnings: warnings.slice(at, at + WARNINGS_MAX), before };
      for (const row of await this.warehouse.query(CASES, asked)) {
        const known = former.get(String(row['warning']));
        if (known !== undefined) known.row = row;
      }
      for (const row of await this.warehouse.query(DEADLINES, asked)) {
        if (Number(row['sign']) < 0) continue;
        const { kind, department, began } = row;
        const name = nameOf(String(kind), String(department), Date.parse(String(began)));
        former.get(String(row['warning']))?.duties.set(name, row);
      }
    }
    return former;
  }

  private async caseRow({ at, standing }: StandingRecord, offset: number): Promise<Row> {
    const { duties: _duties, signed, closed, finding, revision, ...rest } = standing;
    const { catalogue, models } = (await this.rules.of(revision)) ?? this.rules.current();
    const model = models.find(({ name }) => name === standing.model);
    return {
      partition: 0,
      offset,
      version: offset,
      sign: 1,
      at,
      ...rest,
      domain: catalogue.items.get(standing.item)?.domain ?? '',
      finding: finding ?? '',
      signed_at: signed,
      closed_at: closed,
      title: titleOf(standing, model),
    };
  }
}

function none(): Former {
  return { row: null, duties: new Map() };
}

/** Rows for the deadlines that changed; `known` is brought up to them. */
function dutyRows(standing: Standing, known: Map<string, Row>, offset: number, domain: string): Row[] {
  const rows: Row[] = [];
  const listed = new Set<string>();
  const takeOff = (name: string, row: Row) => {
    rows.push({ ...row, offset, sign: -1 });
    known.delete(name);
  };
  for (const duty of standing.duties) {
    const name = nameOf(duty.kind, duty.department, duty.began);
    // Of two alike the first counts.
    if (listed.has(name)) continue;
    listed.add(name);
    const former = known.get(name);
    if (former !== undefined && isSame(former, duty)) continue;
    if (former !== undefined) takeOff(name, former);
    const row = dutyRow(standing, duty, offset, domain);
    rows.push(row);
    known.set(name, row);
  }
  // An open one that is listed no more is owed no more; a warning lists only the latest of those that were met.
  for (const [name, row] of [...known]) {
    if (!listed.has(name) && row['outcome'] === 'open') takeOff(name, row);
  }
  return rows;
}

function dutyRow(
  { warning, raised, model, gravest }: Standing,
  { kind, department, began, due, done, frozen, outcome }: StandingDuty,
  offset: number,
  domain: string,
): Row {
  return {
    partition: 0,
    offset,
    version: offset,
    sign: 1,
    warning,
    raised,
    model,
    domain,
    level: gravest,
    kind,
    department,
    began,
    due_at: due,
    done_at: done,
    frozen,
    outcome,
  };
}

function isSame(row: Row, { due, done, frozen, outcome }: StandingDuty): boolean {
  return (
    row['outcome'] === outcome &&
    instantOf(row['due_at']) === due &&
    instantOf(row['done_at']) === done &&
    instantOf(row['frozen']) === frozen
  );
}

/** Of a row that was made here, or read. */
function instantOf(value: unknown): number | null {
  if (typeof value === 'string') return Date.parse(value);
  return typeof value === 'number' ? value : null;
}

function nameOf(kind: string, department: string, began: number): string {
  return `${kind} ${department} ${began}`;
}
