// All dashboards, by the name of their file.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { department } from './department.js';
import { domain } from './domain.js';
import { joint } from './joint.js';
import type { Board } from './links.js';
import { models } from './models.js';
import type { Names } from './names.js';
import { overview } from './overview.js';
import { sensors } from './sensors.js';
import { subject } from './subject.js';

const BUILDERS = { overview, department, domain, subject, sensors, models, joint };

/** Each dashboard as it stands in `dashboards/<name>.json`. */
export function dashboards(names: Names): Map<Board, Dashboard> {
  return new Map(Object.entries(BUILDERS).map(([name, build]) => [name as Board, build(names).build()]));
}

/** As the file has it. */
export function textOf(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}
