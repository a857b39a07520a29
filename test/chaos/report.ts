// What a run of the chaos came to, as lines to read.
import { table } from '../../src/app/terminal-table.js';
import type { Said } from '../support/servers/judgement.js';
import type { Happened } from './recovery.js';
import type { Outcome } from './run.js';

const SHOWN = 5;

/** A row for each kind of fault: how many, how long until all had caught up again, and how many never did. */
export function faultTable(happened: readonly Happened[]): string[] {
  const kinds = [...new Set(happened.map(({ kind }) => kind))].sort();
  const rows = kinds.map((kind) =>
    rowOf(
      kind,
      happened.filter((one) => one.kind === kind),
    ),
  );
  return table([['fault', 'count', 'median s', 'max s', 'open'], ...rows, rowOf('all', happened)]);
}

function rowOf(name: string, some: readonly Happened[]): string[] {
  const times = some
    .flatMap(({ recoveryMs }) => (recoveryMs === null ? [] : [recoveryMs]))
    .sort((a, b) => a - b);
  const seconds = (ms: number | undefined) => (ms === undefined ? '-' : (ms / 1000).toFixed(1));
  const middle = times[Math.floor(times.length / 2)];
  const open = some.length - times.length;
  return [name, String(some.length), seconds(middle), seconds(times[times.length - 1]), String(open)];
}

/** One line for each thing that was said otherwise than it should have been; none where all is right. */
export function differences({ expected, said }: Outcome): string[] {
  const lines = (['transitions', 'deliveries'] as const).flatMap((name) => ordered(name, expected, said));
  lines.push(...counted(expected.inboxes, said.inboxes));
  for (const [name, rows] of Object.entries(expected.rows)) {
    const found = said.rows[name];
    if (found?.total === rows.total && found.places === rows.places) continue;
    lines.push(`rows of ${name}: ${JSON.stringify(found)}, not ${JSON.stringify(rows)}`);
  }
  return lines;
}

function ordered(name: 'transitions' | 'deliveries', expected: Said, said: Said): string[] {
  const [should, does] = [expected[name], said[name]];
  const lines: string[] = [];
  if (should.length !== does.length) lines.push(`${name}: ${does.length}, not ${should.length}`);
  for (const [index, text] of should.entries()) {
    if (text === does[index]) continue;
    lines.push(`${name}[${index}]\n  expected ${text}\n  said     ${does[index]}`);
    if (lines.length >= SHOWN) break;
  }
  return lines;
}

/** Ids of deliveries that no inbox file has, that one has twice, or that there should not be. */
function counted(expected: readonly string[], said: readonly string[]): string[] {
  const counts = new Map(expected.map((id) => [id, 0]));
  for (const id of said) counts.set(id, (counts.get(id) ?? 0) + 1);
  const known = new Set(expected);
  return [...counts].flatMap(([id, count]) => {
    const line = `inbox files: ${id} is there ${count} times`;
    if (!known.has(id)) return [`${line}, and should not be`];
    return count === 1 ? [] : [line];
  });
}
