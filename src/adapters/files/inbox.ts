// The channel of the simplest receiver: a file per department to which each delivery adds one line of JSON.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Code } from '../../events/codes.js';
import { CodedError } from '../../events/coded-error.js';
import type { Channel, ChannelPolicy, Delivery, SendResult } from '../../ports/channel.js';
import { INBOX_TAIL_BYTES, appendLines, openInboxFile, type Seen } from './inbox-file.js';

/** Bounds on one send; a line counts with its newline. All of a send fits into the tail that is read at a start. */
export const INBOX_LIMITS = {
  deliveries: 1_000,
  lineBytes: 16 * 1024,
  idLength: 200,
  tailBytes: INBOX_TAIL_BYTES,
  rememberedPerFile: 20_000,
  rememberedInAll: 100_000,
} as const;

export interface InboxOptions {
  /** Folder of the inboxes; made where it is missing. A department's file is `<dir>/<department>.ndjson`. */
  readonly dir: string;
  /** Name of the channel; `file` by default. */
  readonly name?: string;
}

/** A channel that needs no more of a message than its data. */
export interface Inbox extends Channel {
  send(deliveries: readonly Delivery[]): Promise<SendResult>;
}

/**
 * A file is this machine's own: what it refuses, a full disk for example, is waited for without end, since nothing
 * else is left to try, and often, since nobody is bothered by it.
 */
const POLICY: ChannelPolicy = {
  batch: INBOX_LIMITS.deliveries,
  attempts: Infinity,
  giveUpAfterMs: Infinity,
  backoffFirstMs: 200,
  backoffMaxMs: 5_000,
  circuitFailures: 5,
  circuitCoolDownMs: 5_000,
  rates: [],
  concurrent: 1_000,
  knowsKey: true,
  inDoubt: 'repeat',
  quiet: null,
  isPatient: true,
};

interface Line {
  readonly id: string;
  readonly text: string;
}

/**
 * A channel that appends `{"id": ..., ...body}` as one line per delivery, one write per file and call, and resolves
 * once the lines are on the disk.
 *
 * A delivery id has exactly one line, a crash at any instant included, within these bounds: an id is known again if
 * it is among the newest 20,000 of the last 16 MiB of its file. A crash leaves at most one send in doubt, which is
 * at most 1,000 lines of 16 KiB, so it lies within both. At most 100,000 ids are remembered over all files; beyond
 * that the file unused longest is forgotten and its tail read anew at its next delivery.
 *
 * A send with one unacceptable delivery is refused as a whole before anything is written. After an error that is
 * retriable some files may have got their lines; sending the same again adds only the missing ones. The folder
 * belongs to one process; while another takes over from it, lines of both stay whole on a disk that appends in one
 * piece, which a network folder need not do, and one that both send may be there twice. The reader may rename a file
 * to take it away, and a new one is begun.
 */
export function openInbox(options: InboxOptions): Inbox {
  const inboxes = new Map<string, Seen>();
  let queue: Promise<unknown> = Promise.resolve();
  return {
    name: options.name ?? 'file',
    policy: POLICY,
    endpointOf: (department) => department,
    preview: (message) => lineOf(message) ?? '',
    close: () => queue.then(() => undefined),
    send(deliveries) {
      const result = queue.then(() => send(options.dir, inboxes, deliveries));
      queue = result.catch(() => undefined);
      return result;
    },
  };
}

async function send(
  dir: string,
  inboxes: Map<string, Seen>,
  deliveries: readonly Delivery[],
): Promise<SendResult> {
  if (deliveries.length > INBOX_LIMITS.deliveries) return refused('INBOX_TOO_LARGE');
  const byDepartment = new Map<string, Line[]>();
  for (const delivery of deliveries) {
    // Checked before it becomes a part of a path.
    if (!/^[a-z0-9-]{1,64}$/.test(delivery.department)) return refused('INBOX_DEPARTMENT');
    const text = lineOf(delivery);
    if (text === undefined) return refused('INBOX_DELIVERY');
    if (Buffer.byteLength(text) > INBOX_LIMITS.lineBytes) return refused('INBOX_TOO_LARGE');
    const lines = byDepartment.get(delivery.department) ?? [];
    lines.push({ id: delivery.id, text });
    byDepartment.set(delivery.department, lines);
  }
  try {
    await mkdir(dir, { recursive: true, mode: 0o750 });
    for (const [department, lines] of byDepartment) await deliver(dir, inboxes, department, lines);
    return { ok: true };
  } catch (error) {
    return { ok: false, reason: error instanceof CodedError ? error.code : 'INBOX_WRITE', retriable: true };
  }
}

async function deliver(
  dir: string,
  inboxes: Map<string, Seen>,
  department: string,
  lines: readonly Line[],
): Promise<void> {
  const known = inboxes.get(department);
  // Forgotten until it has worked out: after a failure the file itself says what it holds.
  inboxes.delete(department);
  const { file, seen } = await openInboxFile(join(dir, `${department}.ndjson`), known);
  try {
    const missing = new Map<string, string>();
    for (const { id, text } of lines) if (!seen.ids.has(id)) missing.set(id, text);
    if (missing.size > 0) await appendLines(file, seen, [...missing.values()].join(''));
    for (const id of missing.keys()) seen.ids.add(id);
  } finally {
    await file.close();
  }
  trim(seen.ids, INBOX_LIMITS.rememberedPerFile);
  inboxes.set(department, seen);
  let remembered = 0;
  for (const { ids } of inboxes.values()) remembered += ids.size;
  for (const [oldest, { ids }] of inboxes) {
    if (remembered <= INBOX_LIMITS.rememberedInAll || oldest === department) break;
    inboxes.delete(oldest);
    remembered -= ids.size;
  }
}

/** The line of a delivery with its newline, or undefined where JSON cannot say it. */
function lineOf({ id, body }: Delivery): string | undefined {
  if (typeof id !== 'string' || id === '' || id.length > INBOX_LIMITS.idLength) return undefined;
  try {
    return `${JSON.stringify(Object.assign({ id }, body, { id }))}\n`;
  } catch {
    return undefined;
  }
}

function trim(ids: Set<string>, most: number): void {
  for (const oldest of ids) {
    if (ids.size <= most) return;
    ids.delete(oldest);
  }
}

function refused(reason: Code): SendResult {
  return { ok: false, reason, retriable: false };
}
