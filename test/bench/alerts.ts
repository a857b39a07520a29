// What the life of a warning costs on the alert side, in process: routed, signed for, reported on, closed.
import { AlertMachine } from '../../src/alerts/machine.js';
import type { CaseRecord } from '../../src/alerts/inbox.js';
import type { AlertState } from '../../src/alerts/state.js';
import type { Act } from '../../src/events/act.js';
import { acts, FILES, rulesOf, turns, type Happening } from '../alerts/timeline.js';

export interface AlertFigures {
  readonly warnings: number;
  /** User and system time of raising and routing all of them, and of all that was done to them afterwards. */
  readonly raiseCpuUs: number;
  readonly handleCpuUs: number;
  readonly wallMs: number;
}

const HANDLED: readonly (readonly [string, Act])[] = [
  ['11:00', { type: 'sign' }],
  ['12:00', { type: 'feedback', result: 'confirmed', findings: '属实', measures: '责令改正' }],
  ['15:00', { type: 'close', conclusion: '已改正' }],
];
/** The lead department and the one that cooperates. */
const DELIVERIES = 2;
const FIRST_DAY = Date.UTC(2026, 8, 14);
const DAYS = 5;

/**
 * Takes warnings through their lives, one step of all of them after the other.
 * @throws Error where one of them was not told to both departments, or is not closed in the end
 */
export function runAlerts(warnings: number): AlertFigures {
  const machine = new AlertMachine(rulesOf(FILES));
  const raised = recordsOf(warnings, (name, day) => turns(`${day} 10:00`, 'red', { name }));
  const handled = HANDLED.map(([hour, act]) =>
    recordsOf(warnings, (name, day) => acts(`${day} ${hour}`, 'market', act, { name })),
  );
  const states: (AlertState | undefined)[] = [];
  const wall = performance.now();
  const begun = process.cpuUsage();
  let deliveries = 0;
  for (const record of raised) {
    const { state, outputs } = machine.step(undefined, record);
    deliveries += outputs.deliveries.length;
    states.push(state);
  }
  const { user, system } = process.cpuUsage(begun);
  for (const records of handled) {
    for (const [index, record] of records.entries())
      states[index] = machine.step(states[index], record).state;
  }
  const all = process.cpuUsage(begun);
  const closed = states.filter((state) => state?.status === 'closed').length;
  if (deliveries !== DELIVERIES * warnings || closed !== warnings) {
    throw new Error(`of ${warnings} warnings ${closed} were closed, with ${deliveries} deliveries`);
  }
  const raiseCpuUs = user + system;
  return {
    warnings,
    raiseCpuUs,
    handleCpuUs: all.user + all.system - raiseCpuUs,
    wallMs: performance.now() - wall,
  };
}

/** Spread over the working days of a week, so that not all fall due at once. */
function recordsOf(warnings: number, of: (name: string, day: string) => Happening): CaseRecord[] {
  const ordinals = new Map<string, number>();
  return Array.from({ length: warnings }, (_, index) => {
    const day = new Date(FIRST_DAY + (index % DAYS) * 86_400_000).toISOString().slice(0, 10);
    return of(`w${index}`, day).record(ordinals) as CaseRecord;
  });
}
