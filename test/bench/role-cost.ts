// What a role costs: its processes work until all is done that waits for them; a start with nothing to do is taken off.
import { readFile } from 'node:fs/promises';
import type { Deployment, RoleProcess } from '../support/servers/deployment.js';

/** Of the clock ticks in which the system counts CPU time. */
const TICK_US = 10_000;

/** What one process cost. */
export interface ProcessFigures {
  readonly cpuUs: number;
  readonly wallMs: number;
  readonly peakRssBytes: number;
}

/**
 * Lets processes of a role do all that waits for them; counts from when they have taken it up.
 * @param count of the processes
 * @returns the CPU time of all of them, and the largest memory of one
 */
export async function worked(
  deployment: Deployment,
  role: string,
  count: number,
  isDone: () => Promise<boolean>,
): Promise<ProcessFigures> {
  const processes = Array.from({ length: count }, () => deployment.run([role]));
  const begun = performance.now();
  while (!(await isDone())) {
    const ended = await Promise.race([...processes.map((one) => one.ended), after(50)]);
    if (ended !== null) throw new Error(`${role} ended with ${ended}`);
  }
  const wallMs = performance.now() - begun;
  const cpu = await Promise.all(processes.map(cpuOf));
  const rss = await Promise.all(processes.map(peakRssOf));
  await Promise.all(processes.map((one) => one.end('SIGTERM')));
  const idle = await startCost(deployment, role);
  const cpuUs = cpu.reduce((sum, used) => sum + Math.max(0, used - idle), 0);
  return { cpuUs, wallMs, peakRssBytes: Math.max(...rss) };
}

/** What a process costs that finds nothing to do: its start, and the reading of where all others have come. */
async function startCost(deployment: Deployment, role: string): Promise<number> {
  const idle = deployment.run([role]);
  await idle.ready;
  const used = await cpuOf(idle);
  await idle.end('SIGTERM');
  return used;
}

const after = (ms: number) => new Promise<null>((done) => setTimeout(() => done(null), ms));

/** CPU time of a process, us. */
async function cpuOf({ child }: RoleProcess): Promise<number> {
  const stat = await readFile(`/proc/${child.pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}

async function peakRssOf({ child }: RoleProcess): Promise<number> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8');
  return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
}
