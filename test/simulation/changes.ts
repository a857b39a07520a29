// The logs of partitions whose rules change, as the one log that they come to.
import type { LogRecord, PrimeRecord } from '../../src/events/event.js';
import { isControl, type ControlRecord } from '../../src/pipeline/wide/schedule.js';
import { merged } from './strata-runs.js';

/** The merge of the logs, in which each change stands where it takes effect. */
export function together(logs: readonly (readonly LogRecord[])[]): LogRecord[] {
  const changes = new Map<number, ControlRecord>();
  for (const record of logs.flat().filter(isControl)) changes.set(record.at, record);
  const waiting = [...changes.values()].sort((a, b) => a.at - b.at);
  const log: LogRecord[] = [];
  for (const record of merged(logs.map((one) => one.filter((each) => !isControl(each))))) {
    while (waiting[0] !== undefined && waiting[0].at <= record.at) log.push(waiting.shift() as ControlRecord);
    log.push(record);
  }
  return log;
}

/** What a log tells of histories. */
export function primesOf(log: readonly LogRecord[]): PrimeRecord[] {
  return log.filter((record) => record.kind === 'prime');
}
