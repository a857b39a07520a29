// Where a click leads: from a value to the next dashboard, and from a warning to its page.
import { DashboardLinkBuilder } from '@grafana/grafana-foundation-sdk/dashboard';

/** Names of the dashboards in addresses. */
export const BOARDS = {
  overview: 'fenghuo-overview',
  department: 'fenghuo-department',
  domain: 'fenghuo-domain',
  subject: 'fenghuo-subject',
  sensors: 'fenghuo-sensors',
  models: 'fenghuo-models',
  joint: 'fenghuo-joint',
  operations: 'fenghuo-operations',
} as const;
export type Board = keyof typeof BOARDS;

export type Choice = 'department' | 'domain' | 'region' | 'level' | 'model' | 'subject' | 'device' | 'metric';

/** What is chosen by at the top of each dashboard. */
export const CHOICES: { readonly [board in Board]: readonly Choice[] } = {
  overview: ['domain', 'region', 'level'],
  department: ['department', 'domain', 'level'],
  domain: ['domain', 'region', 'level'],
  subject: ['region', 'subject'],
  sensors: ['region', 'metric', 'device'],
  models: ['model'],
  joint: ['department', 'region'],
  operations: [],
};

/** The span of time goes with every link; so do the choices that both have. */
const SPAN = '${__url_time_range}';

interface Lead {
  readonly title: string;
  readonly url: string;
}

/** Which dashboard says more of the values of a column, by the column's name. */
const NEXT: {
  readonly [column: string]: { readonly title: string; readonly board: Board; readonly choice: Choice };
} = {
  department: { title: '查看部门', board: 'department', choice: 'department' },
  lead: { title: '查看部门', board: 'department', choice: 'department' },
  domain: { title: '查看领域', board: 'domain', choice: 'domain' },
  key: { title: '查看对象画像', board: 'subject', choice: 'subject' },
  region: { title: '只看该地区', board: 'overview', choice: 'region' },
  model: { title: '查看模型', board: 'models', choice: 'model' },
  device: { title: '查看感知设备', board: 'sensors', choice: 'device' },
};

/** Where the values of a column lead from a dashboard: on to the next with the value chosen, and from a warning to its page. */
export function leadOf(from: Board, column: string): Lead | undefined {
  if (column === 'warning')
    return { title: '查看预警', url: '${portal}/warnings/${__value.raw:percentencode}' };
  const next = NEXT[column];
  if (next === undefined) return undefined;
  const kept = CHOICES[next.board].filter((one) => one !== next.choice && CHOICES[from].includes(one));
  const others = ['clickhouse', 'portal', ...kept].map((one) => `\${${one}:queryparam}`);
  const chosen = `var-${next.choice}=\${__value.raw:percentencode}`;
  return { title: next.title, url: `/d/${BOARDS[next.board]}?${[chosen, ...others, SPAN].join('&')}` };
}

/** The link of a whole panel to the dashboard that says more of it. */
export function leadsTo(board: Board, title: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).url(`/d/${BOARDS[board]}?${SPAN}&\${__all_variables}`);
}
