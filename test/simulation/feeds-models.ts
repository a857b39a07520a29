// Models of the simulated feeds: cadences of devices, of owners who hear their devices, and of subjects.
import type { JsonObject } from '../../src/events/event.js';
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { CATALOGUE } from './models.js';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;

/** A cadence, as the judge knows it. */
export interface Cadence {
  readonly model: string;
  readonly stream: string;
  readonly every: number;
  /** Whose it is. */
  readonly of: 'device' | 'subject';
  /** 0 where the log itself is read; above that records of an instant come in the order of their ids. */
  readonly stratum: number;
  readonly applies: (own: JsonObject, owner: JsonObject) => boolean;
  readonly asksOwner: boolean;
}

const always = () => true;

export const CADENCES: readonly Cadence[] = [
  {
    model: 'sim/alarm',
    stream: 'sensor-reading',
    every: HOUR,
    of: 'device',
    stratum: 0,
    applies: ({ status }) => status === undefined || status === 'active',
    asksOwner: false,
  },
  {
    model: 'sim/complained',
    stream: 'complaint',
    every: 4 * HOUR,
    of: 'subject',
    stratum: 0,
    applies: always,
    asksOwner: false,
  },
  {
    model: 'sim/graded',
    stream: 'sensor-reading',
    every: 2 * HOUR,
    of: 'device',
    stratum: 2,
    applies: (_own, { credit }) => credit === 'D' || credit === 'C',
    asksOwner: true,
  },
  {
    model: 'sim/owner',
    stream: 'sensor-reading',
    every: HOUR,
    of: 'subject',
    stratum: 1,
    applies: always,
    asksOwner: false,
  },
];

const MODELS: { readonly [name: string]: string } = {
  'sim/alarm': `
scope: device
where: 'device.status == null || device.status == "active"'
expect: { from: sensor-reading, every: 1h, of: device }
indicators:
  gone: { from: sensor-reading, absent: true, over: 3h }
  gone_long: { from: sensor-reading, absent: true, over: 8h }
levels: { orange: 'gone_long', yellow: 'gone' }`,
  'sim/complained': `
scope: region
expect: { from: complaint, every: 4h, of: subject }
indicators: { n: { from: complaint, count: '*', over: 1d } }
levels: { red: 'n >= 40' }`,
  'sim/graded': `
scope: device
where: 'subject.credit in ["C", "D"]'
expect: { from: sensor-reading, every: 2h, of: device }
indicators: { n: { from: sensor-reading, count: '*', over: 1d } }
levels: { red: 'n >= 1000' }`,
  'sim/owner': `
scope: subject
expect: { from: sensor-reading, every: 1h, of: subject }
indicators: { quiet: { from: sensor-reading, absent: true, over: 4h } }
levels: { blue: 'quiet' }`,
  'sim/joint': `
scope: subject
indicators: { open: { from: warning, where: 'event.level != "none"', count: '*', over: 1d } }
levels: { red: 'open >= 3', yellow: 'open >= 1' }`,
};

export function feedRules(): RuleSet {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  for (const [name, text] of Object.entries(MODELS)) {
    files.set(
      `${name}.yaml`,
      `model: ${name}\ntitle: 题\nsummary: 述\nitem: item\nplan: plan\nadvise: 议\n${text}`,
    );
  }
  const { rules, diagnostics } = loadRules(files);
  if (rules === null) throw new Error(JSON.stringify(diagnostics, null, 1));
  return rules;
}
