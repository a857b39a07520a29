// The topics of other systems that the file of servers names, each with its mapping.
import type { MapRow } from '../pipeline/mapping/mapper.js';
import type { RawTopics } from '../pipeline/raw-events.js';
import { readMapping } from './importing.js';
import type { RawTopic } from './servers-file.js';

/** Reads the mappings, once a start. @throws CodedError FILE_READ; InvalidFiles for a faulty mapping */
export async function readRawTopics(raw: readonly RawTopic[]): Promise<RawTopics> {
  const topics = new Map<string, MapRow | null>();
  for (const { topic, mapping: path } of raw) {
    topics.set(topic, path === null ? null : (await readMapping(path)).mapping.map);
  }
  return topics;
}
