// The logs of the alert side as rows: warnings, deliveries, dead letters, operator alerts.
import type { InboxRecord } from '../alerts/inbox.js';
import { departmentsOf, routeOf } from '../alerts/routing.js';
import type { OperatorAlert } from '../engine/output.js';
import type { RuleSet } from '../model/ruleset.js';
import type { Log, Logs } from '../ports/log.js';
import type { Row } from '../ports/warehouse.js';
import type { DeliveryRecord } from './alert-round.js';
import type { ArchiveSource, Block } from './archive.js';
import { decodeJson } from './checkpoint.js';
import { OriginFilter, type Origins } from './origins.js';
import type { DeadLetter } from './ingest.js';
import type { Origin } from '../alerts/inbox.js';

/** A log whose records each become at most one row; those that came again are dropped by origin. */
class DerivedSource implements ArchiveSource<Origins> {
  readonly start: Origins = {};

  constructor(
    readonly name: string,
    private readonly log: Log,
    private readonly table: string,
    private readonly upTo: () => Promise<number>,
    private readonly rowOf: (record: never, offset: number) => { origin: Origin | null; row: Row } | null,
  ) {}

  limit(): Promise<number> {
    return this.upTo();
  }

  async block(from: number, to: number, memory: Origins): Promise<Block<Origins>> {
    const filter = new OriginFilter(memory);
    const rows: Row[] = [];
    for (const { offset, value } of await this.log.read(0, from, to - from)) {
      if (offset >= to) break;
      const found = this.rowOf(decodeJson<never>(value), offset);
      if (found === null || (found.origin !== null && !filter.admit(found.origin))) continue;
      rows.push({ partition: 0, offset, ...found.row });
    }
    return { rows: new Map([[this.table, rows]]), memory: filter.origins };
  }
}

/** Everything beside the events, each log to its table. `delivered` is the offset below which deliveries were taken. */
export function alertSources(logs: Logs, rules: RuleSet, delivered: () => number): ArchiveSource<Origins>[] {
  const models = new Map(rules.models.map((model) => [model.name, model]));
  const warningRow = (record: InboxRecord) => {
    if (record.kind !== 'warning') return null;
    const { transition, origin, link } = record;
    const model = models.get(transition.model);
    const { recipients } = routeOf(transition, rules.catalogue);
    const { region, name } = transition.profile;
    const row: Row = {
      warning: transition.warning,
      ordinal: transition.ordinal,
      model: transition.model,
      title: model?.title ?? transition.model,
      domain: rules.catalogue.items.get(transition.item)?.domain ?? '',
      item: transition.item,
      scope: transition.scope,
      key: transition.key,
      name: typeof name === 'string' ? name : '',
      region: typeof region === 'string' ? region : '',
      level: transition.level,
      previous: transition.previous,
      clock: transition.clock,
      raised: transition.raised,
      reason: transition.reason,
      quiet: transition.quiet,
      rests_on: [...(transition.restsOn ?? [])],
      departments: departmentsOf(recipients),
      revision: transition.revision,
      // No indicator is called score.
      indicators: JSON.stringify({
        ...transition.indicators,
        ...(transition.score === undefined ? {} : { score: transition.score }),
      }),
      params: JSON.stringify(transition.params),
      evidence_hash: link.hash,
    };
    return { origin, row };
  };
  return [
    new DerivedSource('inbox/0', logs.inbox, 'warnings', () => logs.inbox.end(0), warningRow),
    new DerivedSource(
      'deliveries/0',
      logs.deliveries,
      'deliveries',
      () => Promise.resolve(delivered()),
      deliveryRow,
    ),
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

function deliveryRow({ origin, delivery }: DeliveryRecord) {
  const { id, warning, ordinal, department, role, channel, at } = delivery;
  return { origin, row: { id, warning, ordinal, department, role, channel, at, state: 'delivered' } };
}

function deadRow(dead: DeadLetter) {
  const { at, code, message, field, source, original, length } = dead;
  return { origin: null, row: { at, code, message, field: field ?? '', source, original, length } };
}

function operatorRow({ origin, alert }: { origin: Origin; alert: OperatorAlert }) {
  const { code, clock, model, key, message, count } = alert;
  return { origin, row: { code, clock, model: model ?? '', key: key ?? '', message, count } };
}
