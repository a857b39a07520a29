// The file of topics: read, checked, its faults with line and column.
import { readFile as readBytes } from 'node:fs/promises';
import { join } from 'node:path';
import { TOPICS_SCHEMA, type TopicsSettings } from '../adapters/kafka/topics.js';
import { checkShape, type FaultKind } from '../catalogue/fault.js';
import type { Code } from '../events/codes.js';
import { CodedError } from '../events/coded-error.js';
import { readFile } from '../model/report.js';
import { FILE_BYTES_MAX } from '../model/yaml.js';
import { InvalidFiles } from './invalid-files.js';
import { projectFolder } from './version.js';

const CODE_OF_KIND: { readonly [kind in FaultKind]: Code } = {
  UNKNOWN_KEY: 'TOPICS_UNKNOWN_KEY',
  MISSING_KEY: 'TOPICS_MISSING_KEY',
  VALUE: 'TOPICS_VALUE',
  UNKNOWN_NAME: 'TOPICS_VALUE',
  CYCLE: 'TOPICS_VALUE',
  BASIS_EXPIRED: 'TOPICS_VALUE',
};

/** The file that comes with the program. */
export const TOPICS_FILE = join(projectFolder(), 'infra', 'kafka', 'topics.yaml');

/** @throws CodedError FILE_READ; InvalidFiles where the file has faults */
export async function readTopics(path: string = TOPICS_FILE): Promise<TopicsSettings> {
  const bytes = await readBytes(path).catch((error: unknown) => {
    throw new CodedError('FILE_READ', `${path}: the file of topics cannot be read.`, error);
  });
  if (bytes.byteLength > FILE_BYTES_MAX) throw new CodedError('FILE_READ', `${path} is over 256 KiB.`);
  const { report, root, content } = readFile(path, bytes.toString('utf8'));
  const { value, faults } = report.failed ? { value: null, faults: [] } : checkShape(TOPICS_SCHEMA, content);
  report.addFaults(({ kind }) => CODE_OF_KIND[kind], root, faults ?? []);
  if (report.failed || value === null) throw new InvalidFiles(report.diagnostics, () => '');
  return value;
}
