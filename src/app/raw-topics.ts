// The topics of other systems that the file of servers names, each with its mapping.
import { CodedError } from '../events/coded-error.js';
import type { MapRow } from '../pipeline/mapping/mapper.js';
import type { RawTopics } from '../pipeline/raw-events.js';
import { readMapping } from './importing.js';
import type { RawTopic } from './servers-file.js';

/** @throws CodedError FILE_READ, and IMPORT_FORMAT for a mapping of CSV; InvalidFiles for a faulty one */
export async function readRawTopics(raw: readonly RawTopic[]): Promise<RawTopics> {
  const topics = new Map<string, MapRow | null>();
  for (const { topic, mapping: path } of raw) {
    if (path === null) {
      topics.set(topic, null);
      continue;
    }
    const { mapping } = await readMapping(path);
    if (mapping.table.format === 'csv') {
      throw new CodedError('IMPORT_FORMAT', `${path}: topic ${topic} holds JSON, so format: json.`);
    }
    topics.set(topic, mapping.map);
  }
  return topics;
}
