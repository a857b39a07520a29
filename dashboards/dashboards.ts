// All dashboards, by the name of their file.
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { boardOf } from './board.js';
import { DEPARTMENT } from './department.js';
import { DOMAIN } from './domain.js';
import { JOINT } from './joint.js';
import type { Board } from './links.js';
import { MODELS } from './models.js';
import type { Names } from './names.js';
import { OPERATIONS } from './operations.js';
import { OVERVIEW } from './overview.js';
import { SENSORS } from './sensors.js';
import { SUBJECT } from './subject.js';

const SPECS = [OVERVIEW, DEPARTMENT, DOMAIN, SUBJECT, SENSORS, MODELS, JOINT, OPERATIONS];

/** Each dashboard as it stands in `dashboards/<name>.json`. */
export function dashboards(names: Names): Map<Board, Dashboard> {
  return new Map(SPECS.map((spec) => [spec.board, boardOf(names, spec).build()]));
}

/** As the file has it; what it is comes first. */
export function textOf({ uid, title, description, tags, ...rest }: Dashboard): string {
  return `${JSON.stringify({ uid, title, description, tags, ...rest }, null, 2)}\n`;
}
