// What waits for departments in the store of the alert side: a record for each queue and one for each of its batches.
//
// A batch may hold hundreds of messages while one is added to it, so the others of its queue are not written with it. A
// build before this wrote a queue whole, its batches within.
import type { Batch } from '../alerts/batch-message.js';
import type { Queue } from '../alerts/posts.js';
import { CodedError } from '../events/coded-error.js';
import type { StateStore } from '../ports/state.js';
import { ALERT_NAMESPACE, batchName, BATCH_PREFIX, QUEUE_PREFIX, queueName } from './alert-names.js';
import { encodeJson } from './checkpoint.js';
import { storedRecords } from './stored-names.js';

type Head = Omit<Queue, 'batches'> & { readonly batches: readonly (string | Batch)[] };

const LISTED_PAGE = 100;

export class StoredQueues {
  /** The batches that lie in records of their own, by department and name. */
  private readonly stored = new Map<string, Map<string, Batch>>();

  /** @param store of the alert side */
  constructor(private readonly store: StateStore) {}

  /** All that waits, by department. @throws CodedError STATE_CORRUPT where a batch is missing */
  async load(): Promise<Map<string, Queue>> {
    this.stored.clear();
    const batches = storedRecords<Batch>(this.store, ALERT_NAMESPACE, BATCH_PREFIX, LISTED_PAGE);
    for await (const [name, batch] of batches) this.of(departmentIn(name)).set(batch.name, batch);
    const queues = new Map<string, Queue>();
    for await (const [, head] of storedRecords<Head>(
      this.store,
      ALERT_NAMESPACE,
      QUEUE_PREFIX,
      LISTED_PAGE,
    )) {
      const { department } = head;
      queues.set(department, { ...head, batches: head.batches.map((one) => this.batchOf(department, one)) });
    }
    return queues;
  }

  private batchOf(department: string, batch: string | Batch): Batch {
    if (typeof batch !== 'string') return batch;
    const stored = this.of(department).get(batch);
    if (stored === undefined) throw new CodedError('STATE_CORRUPT', `The batch ${batch} of ${department}.`);
    return stored;
  }

  /**
   * What is written of a queue that has changed. Its batches count as stored from then on: who cannot write them loads
   * all anew.
   */
  recordsOf(queue: Queue): Map<string, Uint8Array | null> {
    const { department, batches } = queue;
    const records = new Map<string, Uint8Array | null>();
    const own = this.of(department);
    const left = new Set(own.keys());
    for (const batch of batches) {
      const { name } = batch;
      left.delete(name);
      if (own.get(name) === batch) continue;
      records.set(batchName(department, name), encodeJson(batch));
      own.set(name, batch);
    }
    for (const name of left) {
      records.set(batchName(department, name), null);
      own.delete(name);
    }
    records.set(queueName(department), encodeJson({ ...queue, batches: batches.map(({ name }) => name) }));
    return records;
  }

  private of(department: string): Map<string, Batch> {
    const own = this.stored.get(department) ?? new Map<string, Batch>();
    this.stored.set(department, own);
    return own;
  }
}

/** @param name of the record of a batch, without what all begin with; ids of departments hold no space */
function departmentIn(name: string): string {
  return name.slice(0, name.indexOf(' '));
}
