// What all dashboards have alike: the zone, the span of time, the way to the others, and the variables to choose by.
import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  TextBoxVariableBuilder,
  VariableRefresh,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { CLICKHOUSE, sqlOf } from './clickhouse.js';
import { LEVEL_NAMES } from '../src/adapters/http/pages/words.js';
import { placesOf } from './layout.js';
import { BOARDS, CHOICES, type Board, type Choice } from './links.js';
import { choicesSql } from './named-sql.js';
import type { Names } from './names.js';
import { isMetric, panelOf, type MetricPanelSpec, type PanelSpec } from './panels.js';

const LABELS: { readonly [choice in Choice]: string } = {
  department: '部门',
  domain: '领域',
  region: '地区',
  level: '级别',
  model: '模型',
  subject: '监管对象',
  metric: '监测指标',
  device: '设备',
};
const TAG = 'fenghuo';
const LEVELS = new Map(Object.entries(LEVEL_NAMES));

/** A dashboard as it is declared. */
export interface BoardSpec {
  readonly board: Board;
  readonly title: string;
  readonly description: string;
  /** As Grafana writes it, such as `now-30d`. */
  readonly from: string;
  /** Left to right and down. */
  readonly panels: readonly (PanelSpec | MetricPanelSpec)[];
}

/** The dashboard with the names of a city's rules. */
export function boardOf(
  names: Names,
  { board, title, description, from, panels }: BoardSpec,
): DashboardBuilder {
  const built = new DashboardBuilder(`烽火 ${title}`)
    .uid(BOARDS[board])
    .description(description)
    .tags([TAG, 'generated'])
    .timezone('Asia/Shanghai')
    .time({ from, to: 'now' })
    .refresh('1m')
    .tooltip(DashboardCursorSync.Crosshair)
    .readonly()
    .link(
      new DashboardLinkBuilder('烽火')
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .asDropdown(true)
        .includeVars(true)
        .keepTime(true),
    );
  if (panels.some(isMetric)) {
    built.withVariable(new DatasourceVariableBuilder('prometheus').label('运行指标').type('prometheus'));
  }
  if (!panels.every(isMetric)) {
    built
      .withVariable(
        new DatasourceVariableBuilder('clickhouse').label('数据仓库').type('grafana-clickhouse-datasource'),
      )
      .withVariable(
        // Where the pages of officials are, for links to a warning.
        new TextBoxVariableBuilder('portal').label('预警页面地址').defaultValue('http://127.0.0.1:8080'),
      );
  }
  for (const choice of CHOICES[board]) built.withVariable(choose(names, choice));
  for (const [index, gridPos] of placesOf(panels.map(({ size }) => size)).entries()) {
    const panel = panels[index] as PanelSpec | MetricPanelSpec;
    built.withPanel({ build: () => ({ ...panelOf(names, board, panel).build(), gridPos }) });
  }
  return built;
}

/** What the values of a choice are called; null where they are shown as they are. */
function namesOf(names: Names, choice: Choice): ReadonlyMap<string, string> | null {
  if (choice === 'level') return LEVELS;
  return choice === 'subject' || choice === 'device' || choice === 'metric' ? null : names[choice];
}

/** One of many, several or all; of subjects one alone, which may be typed as well. */
function choose(names: Names, choice: Choice): QueryVariableBuilder {
  const sql = sqlOf(`variables/${choice}`);
  const named = namesOf(names, choice);
  const variable = new QueryVariableBuilder(choice)
    .label(LABELS[choice])
    .datasource(CLICKHOUSE)
    .query(named === null ? sql : choicesSql(named, choice, sql))
    .refresh(VariableRefresh.OnTimeRangeChanged);
  if (choice === 'subject') return variable.multi(false).includeAll(false).allowCustomValue(true);
  return variable
    .allowCustomValue(choice === 'device')
    .multi(true)
    .includeAll(true)
    .current({ text: '全部', value: '$__all', selected: true });
}
