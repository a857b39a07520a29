// The logs of the alert side as rows: warnings, deliveries, actions, dead letters, operator alerts.
import type { InboxRecord } from '../alerts/inbox.js';
import type { OperatorAlert } from '../engine/output.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Log, Logs } from '../ports/log.js';
import type { Row } from '../ports/warehouse.js';
import type { DeliveryRecord, TakenRecord } from './alert-round.js';
import type { ArchiveSource, Block } from './archive.js';
import { decodeJson } from './checkpoint.js';
import type { DeadDeliveries } from './deliver/dead.js';
import { OriginFilter, type Origins } from './origins.js';
import type { DeadLetter } from './intake.js';
import { transitionRows } from './transition-row.js';
import type { Origin } from '../alerts/inbox.js';

const NONE_DEAD = () => Promise.resolve(new Set<number>());

interface Found {
  readonly origin: Origin | null;
  readonly row: Row;
}

/** The rules that rows are made with. */
export interface ArchiveRules {
  /** Those in force. */
  readonly current: () => RuleSet;
  /** Those under which a warning was raised, where they are at hand; its row is the same whenever it is made. */
  readonly of: (revision: string) => Promise<RuleSet | undefined>;
}

/** A log whose records each become at most one row; those that came again are dropped by origin. */
class DerivedSource implements ArchiveSource<Origins> {
  readonly start: Origins = {};
  readonly tables: readonly string[];

  constructor(
    readonly name: string,
    private readonly log: Log,
    private readonly table: string,
    private readonly upTo: () => Promise<number>,
    private readonly rowOf: (
      record: never,
      dead: ReadonlySet<number>,
      offset: number,
    ) => Found | null | Promise<Found | null>,
    /** Offsets of a range at which lies what nobody took; final before the range may be archived. */
    private readonly deadIn: (from: number, to: number) => Promise<ReadonlySet<number>> = NONE_DEAD,
  ) {
    this.tables = [table];
  }

  limit(): Promise<number> {
    return this.upTo();
  }

  async block(from: number, to: number, memory: Origins): Promise<Block<Origins>> {
    const filter = new OriginFilter(memory);
    const rows: Row[] = [];
    const dead = await this.deadIn(from, to);
    for (const { offset, value } of await this.log.read(0, from, to - from)) {
      if (offset >= to) break;
      const found = await this.rowOf(decodeJson<never>(value), dead, offset);
      if (found === null || (found.origin !== null && !filter.admit(found.origin))) continue;
      rows.push({ partition: 0, offset, ...found.row });
    }
    return { rows: new Map([[this.table, rows]]), memory: filter.origins };
  }
}

/**
 * Everything beside the events, each log to its table.
 * @param delivered the offset below which deliveries are done: taken, or undeliverable
 */
export function alertSources(
  logs: Logs,
  rules: ArchiveRules,
  delivered: () => number | Promise<number>,
  dead: DeadDeliveries,
): ArchiveSource<Origins>[] {
  return [
    new DerivedSource('inbox/0', logs.inbox, 'warnings', () => logs.inbox.end(0), warningRows(rules)),
    new DerivedSource(
      'deliveries/0',
      logs.deliveries,
      'deliveries',
      async () => delivered(),
      deliveryRow,
      (from, to) => dead.offsets(from, to),
    ),
    actionSource(logs, rules),
    new DerivedSource(
      'dead-letters/0',
      logs['dead-letters'],
      'dead_letters',
      () => logs['dead-letters'].end(0),
      deadRow,
    ),
    new DerivedSource(
      'operator/0',
      logs.operator,
      'operator_alerts',
      () => logs.operator.end(0),
      operatorRow,
    ),
  ];
}

/** The row of each transition. */
function warningRows({ current, of }: ArchiveRules) {
  const known = new Map<RuleSet, ReturnType<typeof transitionRows>>();
  return async (record: InboxRecord) => {
    if (record.kind !== 'warning') return null;
    const { transition, origin, link } = record;
    const rules = (await of(transition.revision)) ?? current();
    const rowOf = known.get(rules) ?? transitionRows(rules);
    known.set(rules, rowOf);
    return { origin, row: { ...rowOf(transition), evidence_hash: link.hash } };
  };
}

/** A record of a former build has no harm. */
type Former = Omit<TakenRecord['taken'], 'harm'> & Partial<Pick<TakenRecord['taken'], 'harm'>>;

function actionSource({ actions }: Logs, { current }: ArchiveRules): DerivedSource {
  const rowOf = ({ origin, taken }: TakenRecord) => {
    const { department, result, harm = null, ...row } = taken as Former;
    const domain = current().catalogue.items.get(taken.item)?.domain ?? '';
    return { origin, row: { ...row, domain, department: department ?? '', result: result ?? '', harm } };
  };
  return new DerivedSource('actions/0', actions, 'actions', () => actions.end(0), rowOf);
}

function deliveryRow({ origin, delivery }: DeliveryRecord, dead: ReadonlySet<number>, offset: number) {
  const { id, warning, ordinal, department, role, channel, at } = delivery;
  const state = dead.has(offset) ? 'undeliverable' : 'delivered';
  return { origin, row: { id, warning, ordinal, department, role, channel, at, state } };
}

function deadRow(dead: DeadLetter) {
  const { at, code, message, field, source, original, length } = dead;
  return { origin: null, row: { at, code, message, field: field ?? '', source, original, length } };
}

function operatorRow({ origin, alert }: { origin: Origin; alert: OperatorAlert }) {
  const { code, clock, model, key, message, count } = alert;
  return { origin, row: { code, clock, model: model ?? '', key: key ?? '', message, count } };
}
