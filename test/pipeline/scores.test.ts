// Scores at an instant of the past do not depend on how the log is partitioned, nor on what arrived later.
import { describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { encodeRecord } from '../../src/events/codec.js';
import type { LogRecord } from '../../src/events/event.js';
import { LoggedHistory } from '../../src/pipeline/history/logged-history.js';
import { mergedHistory } from '../../src/pipeline/history/merged-history.js';
import { scoresAt, scoringModel } from '../../src/pipeline/scores.js';
import { START } from '../simulation/generate.js';
import { seedsOf } from '../simulation/seeds.js';
import { generateStrataLog } from '../simulation/strata-generate.js';
import { split } from '../simulation/strata-runs.js';
import { rulesOf } from './shadow/lives.js';

const DAY_MS = 86_400_000;
const rules = rulesOf({
  'x/score': `scope: subject
indicators: { complaints: { from: complaint, count: '*', over: 20d }, fined: { from: penalty, sum: 'event.amount', over: 20d } }
score:
  - { name: 投诉, weight: 50, of: complaints, low: 0, high: 20 }
  - { name: 处罚, weight: 50, of: fined, low: 0, high: 500 }
levels: { yellow: 'score >= 50' }`,
});

describe('scores at an instant', () => {
  it('are those of the one log, of however many partitions it is made', async () => {
    const model = scoringModel(rules, 'x/score');
    const at = START + 10 * DAY_MS;
    const scored = async (logs: readonly (readonly LogRecord[])[]) => {
      const events = openMemory().log('events');
      for (const [partition, log] of logs.entries()) await events.append(partition, log.map(encodeRecord));
      const history = new LoggedHistory(events, logs.length);
      const ends = logs.map(({ length }) => length);
      const asked = { sinceMs: -Infinity, always: [], ends, beforeMs: at + 1 };
      return scoresAt(mergedHistory(history, asked), rules, model, at);
    };
    for (const seed of seedsOf(1, 10)) {
      const log = generateStrataLog(seed);
      const whole = await scored([log]);
      expect(whole.some(({ score }) => Number(score.value) > 0)).toBe(true);
      const known = await scored([log.filter((record) => record.at <= at)]);
      expect(known).toEqual(whole);
      const sorted = (some: typeof whole) => [...some].sort((a, b) => (a.subject < b.subject ? -1 : 1));
      for (const partitions of [2, 3])
        expect(sorted(await scored(split(log, partitions)))).toEqual(sorted(whole));
    }
  });
});
