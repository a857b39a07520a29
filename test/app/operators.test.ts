// What operators must know is said while it runs, not only kept.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openMemory } from '../../src/adapters/memory/memory.js';
import { Embedded } from '../../src/app/embedded.js';
import { OperatorAlerts } from '../../src/app/operators.js';
import { openMetrics } from '../../src/app/telemetry.js';
import { loadRules } from '../../src/model/load.js';
import { encodeJson } from '../../src/pipeline/checkpoint.js';
import { filesOf, HOUR, START } from '../engine/turns.js';

const dirs: string[] = [];
afterAll(() => {
  for (const dir of dirs) rmSync(dir, { recursive: true, force: true });
});

const COUNTING = `
scope: subject
indicators: { many: { from: complaint, count: '*', over: 7d } }
levels: { orange: 'many >= 3' }
`;

type Line = { readonly fields: object; readonly message: string };

async function start(now: () => number, lines: Line[]): Promise<Embedded> {
  const dataDir = mkdtempSync(join(tmpdir(), 'fenghuo-operators-'));
  dirs.push(dataDir);
  const files = filesOf({ 'a/one': COUNTING });
  const { rules } = loadRules(files);
  if (rules === null) throw new Error('the rules have faults');
  return Embedded.start({
    dataDir,
    siteKey: new Uint8Array(32),
    rules,
    files,
    now,
    log: {
      info: () => undefined,
      warn: () => undefined,
      error: (fields, message) => void lines.push({ fields, message }),
      failure: (stage, error) => void lines.push({ fields: { stage }, message: String(error) }),
    },
    probe: () => undefined,
    replay: null,
    warehouse: false,
    holders: { file: null, timestamps: null },
    modelKeys: 1,
  });
}

describe('an alert for the operators', () => {
  it('is a line of the log with its code, and counted by it in the metrics', async () => {
    const lines: Line[] = [];
    let now = START;
    const embedded = await start(() => now, lines);
    const metrics = openMetrics(embedded, new Map());
    now += HOUR;
    const events = ['shop:1', 'shop:2', 'shop:3'].map((subject, index) => ({
      specversion: '1.0',
      id: `c${index}`,
      source: 'urn:example:test',
      type: 'fenghuo.complaint',
      subject,
      time: new Date(now).toISOString(),
      data: { category: '食品' },
    }));
    await embedded.accept(JSON.stringify(events));
    now += HOUR;
    await embedded.ingest.tick(now);
    await embedded.drain();
    const text = await metrics.metrics();
    await embedded.stop();

    expect(lines).toMatchObject([
      { fields: { code: 'LIMIT_KEYS', model: 'a/one', detail: 'the model holds more than 1 keys' } },
    ]);
    expect(lines[0]?.message).toContain('raise FENGHUO_MODEL_KEYS');
    expect(JSON.stringify(lines)).not.toContain('shop:');
    expect(text).toContain('fenghuo_operator_alerts_total 1\n');
    expect(text).toContain('fenghuo_operator_alerts_by_code_total{code="LIMIT_KEYS"} 1\n');
  });

  it('that comes again and again is one line a minute, which says how many it stands for', async () => {
    const lines: Line[] = [];
    let now = START;
    const error = (fields: object, message: string) => void lines.push({ fields, message });
    const alerts = new OperatorAlerts({ log: { error }, now: () => now });
    const stored = openMemory().log('operator');
    const log = alerts.heard(stored);
    const alertOf = (code: string) => ({
      origin: { source: 'events/0', offset: 0, ordinal: 0 },
      alert: { kind: 'operator', code, clock: 0, model: 'a/one', key: null, message: 'm', count: 1 },
    });
    for (let index = 0; index < 5; index++) {
      await log.append(0, [alertOf('LIMIT_WINDOW'), alertOf('EXPR_TYPE')].map(encodeJson));
      now += 20_000;
    }
    expect(lines.map(({ fields }) => fields)).toMatchObject([
      { code: 'LIMIT_WINDOW', unsaid: 0 },
      { code: 'EXPR_TYPE', unsaid: 0 },
      { code: 'LIMIT_WINDOW', unsaid: 2 },
      { code: 'EXPR_TYPE', unsaid: 2 },
    ]);
    expect([...alerts.counts]).toEqual([
      ['LIMIT_WINDOW', 5],
      ['EXPR_TYPE', 5],
    ]);
    expect(await stored.end(0)).toBe(10);
  });
});
