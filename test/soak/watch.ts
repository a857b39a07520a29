// Looks at a running program from outside: its memory, what waits in it, and when alerts come to the inboxes.
import { open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf } from '../acceptance/embedded.js';
import type { Sample, SeenAlert } from './verdict.js';

/** How often inboxes are looked at: an alert may be seen so much later than it came. */
const LOOK_MS = 50;
const SAMPLE_MS = 5_000;

/** @param isOver asked before each look */
export async function watchInboxes(dir: string, isOver: () => boolean, alerts: SeenAlert[]): Promise<void> {
  const begun = Date.now();
  const places = new Map<string, number>();
  while (!isOver()) {
    const names = await readdir(dir).catch(() => []);
    for (const name of names.filter((one) => one.endsWith('.ndjson'))) {
      const place = places.get(name) ?? 0;
      const text = await appended(join(dir, name), place);
      const now = Date.now();
      places.set(name, place + Buffer.byteLength(text));
      for (const line of text.split('\n').filter((one) => one !== '')) {
        const { kind, clock } = JSON.parse(line) as { kind: string; clock: string };
        if (kind === 'transition')
          alerts.push({ second: (now - begun) / 1_000, ms: now - Date.parse(clock) });
      }
    }
    await delay(LOOK_MS);
  }
}

/** Whole lines of a file from a place on. */
async function appended(path: string, from: number): Promise<string> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const bytes = Buffer.alloc(size - from);
    await file.read(bytes, 0, bytes.length, from);
    // What follows the last break is no whole line yet, and is read again.
    return bytes.subarray(0, bytes.lastIndexOf(10) + 1).toString('utf8');
  } finally {
    await file.close();
  }
}

/** @param isOver asked before each sample */
export async function watchProgram(
  { pid, url }: { readonly pid: number; readonly url: string },
  isOver: () => boolean,
  samples: Sample[],
): Promise<void> {
  const begun = Date.now();
  while (!isOver()) {
    const metrics = await metricsOf(url);
    if (metrics === null) {
      await delay(LOOK_MS);
      continue;
    }
    const beside = await Promise.all(childrenOf(pid).map(memoryOf));
    samples.push({
      second: (Date.now() - begun) / 1_000,
      ...(await memoryOf(pid)),
      warehouseBytes: beside.reduce((sum, { ownBytes }) => sum + ownBytes, 0),
      heapBytes: sumOf(metrics, 'nodejs_heap_size_used_bytes'),
      lagRecords: sumOf(metrics, 'fenghuo_log_lag_records{role="evaluate"'),
    });
    await delay(SAMPLE_MS);
  }
}

/** @returns null where a connection that was kept was closed at the very instant of the look */
async function metricsOf(url: string): Promise<string | null> {
  try {
    return await (await fetch(`${url}/metrics`)).text();
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

/** The sum of all series whose line begins so. @throws Error where there is none */
function sumOf(metrics: string, series: string): number {
  const lines = metrics.split('\n').filter((line) => line.startsWith(series));
  if (lines.length === 0) throw new Error(`there is no metric ${series}`);
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

/** Resident memory of a process: its own, and the pages of files that it has mapped, which the system takes back at need. */
async function memoryOf(pid: number): Promise<Pick<Sample, 'ownBytes' | 'mappedBytes'>> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const bytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) * 1024;
  return { ownBytes: bytes('RssAnon'), mappedBytes: bytes('RssFile') };
}
