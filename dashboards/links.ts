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

/** The span of time goes with every link; so do the variables that both have. */
const SPAN = '${__url_time_range}';

interface Lead {
  readonly title: string;
  readonly url: string;
}

/** To a dashboard, with a variable set to the value that was clicked. */
const leadTo = (board: Board, title: string, variable: string): Lead => ({
  title,
  url: `/d/${BOARDS[board]}?var-${variable}=\${__value.raw:percentencode}&${SPAN}`,
});

/** Where the values of a column lead, by its name. */
export const LEADS: { readonly [column: string]: Lead } = {
  warning: { title: '查看预警', url: '${portal}/warnings/${__value.raw:percentencode}' },
  department: leadTo('department', '查看部门', 'department'),
  lead: leadTo('department', '查看部门', 'department'),
  domain: leadTo('domain', '查看领域', 'domain'),
  key: leadTo('subject', '查看对象画像', 'subject'),
  region: leadTo('overview', '只看该地区', 'region'),
  model: leadTo('models', '查看模型', 'model'),
  device: leadTo('sensors', '查看感知设备', 'device'),
};

/** The link of a whole panel to the dashboard that says more of it. */
export function leadsTo(board: Board, title: string): DashboardLinkBuilder {
  return new DashboardLinkBuilder(title).url(`/d/${BOARDS[board]}?${SPAN}&\${__all_variables}`);
}
