// Model tests with several keys: wider scopes, owners and devices, and warnings that other models raise.
import { describe, expect, it } from 'vitest';
import { loadRules } from '../../src/model/load.js';
import { parseModelTests } from '../../src/model/tests.js';
import { runModelTests } from '../../src/pipeline/model-test.js';
import { CATALOGUE } from '../simulation/models.js';

const HEAD = 'title: 题\nsummary: 述\nitem: item\nplan: plan\nadvise: 议\n';
const MODELS: Record<string, string> = {
  'sim/base': `
scope: subject
indicators: { many: { from: complaint, count: '*', over: 7d } }
levels: { orange: 'many >= 3', blue: 'many >= 2' }
`,
  'sim/device': `
scope: device
where: 'subject.credit == "D"'
indicators: { high: { from: sensor-reading, where: 'event.value > 5', count: '*', over: 1h } }
levels: { red: 'high >= 1' }
`,
  'sim/owner': `
scope: subject
indicators: { high: { from: sensor-reading, where: 'event.value > 5', count: '*', over: 1h } }
levels: { yellow: 'high >= 2' }
`,
  'sim/region': `
scope: region
indicators: { many: { from: complaint, where: '"x" in subject.tags', count: '*', over: 7d } }
levels: { orange: 'many >= 2' }
`,
  'sim/open': `
scope: subject
indicators:
  open: { from: warning, where: 'event.level != "none"', count: '*', over: 20d }
  domains: { from: warning, distinct: 'event.domain', over: 20d }
levels: { red: 'open >= 2', orange: 'open >= 1 && domains >= 1' }
task: { merge: items, within: 10 workdays }
`,
  'sim/named': `
scope: subject
indicators: { open: { from: warning, where: 'event.model == "sim/open"', count: '*', over: 20d } }
levels: { blue: 'open >= 1' }
`,
  'sim/mixed': `
scope: subject
indicators:
  signs: { from: [warning, penalty], where: 'event.stream == "penalty" || event.model == "sim/open"', count: '*', over: 20d }
levels: { blue: 'signs >= 2' }
`,
};

function rulesOf() {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  for (const [name, text] of Object.entries(MODELS))
    files.set(`${name}.yaml`, `model: ${name}\n${HEAD}${text}`);
  const { rules, diagnostics } = loadRules(files);
  if (rules === null) throw new Error(JSON.stringify(diagnostics));
  return rules;
}

const rules = rulesOf();

function failuresOf(model: string, cases: string): string[] {
  const { tests, diagnostics } = parseModelTests(`${model}.test.yaml`, `model: ${model}\n${cases}`);
  if (tests === null) throw new Error(JSON.stringify(diagnostics));
  return runModelTests(tests, rules).cases.flatMap(({ failures }) => failures.map(({ message }) => message));
}

describe('a case with several keys', () => {
  it('counts the complaints about the subjects of a region, by their profile when each came', () => {
    const cases = `cases:
  - name: two subjects of one street, a third without the tag, and one elsewhere
    subjects: { a: { region: "330106", tags: [x] }, b: { region: "330106", tags: [x] },
                c: { region: "330106", tags: [y] }, d: { region: "330108", tags: [x] } }
    events:
      - { at: 0d, subject: a, complaint: { category: 噪音 } }
      - { at: 1d, subject: c, complaint: { category: 噪音 } }
      - { at: 2d, subject: d, complaint: { category: 噪音 } }
      - { at: 3d, subject: b, complaint: { category: 噪音 } }
    expect: [ { at: 3d, level: orange, key: "330106", many: 2 }, { at: 7d, level: none, key: "330106" } ]
`;
    expect(failuresOf('sim/region', cases)).toEqual([]);
    expect(failuresOf('sim/region', cases.replace('many: 2', 'many: 3'))).toHaveLength(1);
    expect(failuresOf('sim/region', cases.replace('orange, key: "330106"', 'orange, key: "330108"'))).toEqual(
      ['expected 3d orange of 330108, came 3d orange of 330106'],
    );
  });

  it('lets readings of devices reach their owner, and the profile of the owner its devices', () => {
    const cases = (expected: string) => `cases:
  - name: two devices of one owner, whose credit falls between them
    subject: { credit: A }
    devices: { d1: {}, d2: {} }
    events:
      - { at: 0d, device: d1, sensor-reading: { metric: m, value: 6 } }
      - { at: 10m, credit-change: { credit: D } }
      - { at: 20m, device: d2, sensor-reading: { metric: m, value: 7 } }
    expect: [ ${expected} ]
`;
    expect(failuresOf('sim/owner', cases('{ at: 20m, level: yellow }, { at: 1h, level: none }'))).toEqual([]);
    const device = ['10m red d1', '20m red d2', '1h none d1', '80m none d2'].map((text) => {
      const [at, level, key] = text.split(' ');
      return `{ at: ${at}, level: ${level}, key: ${key} }`;
    });
    expect(failuresOf('sim/device', cases(device.join(', ')))).toEqual([]);
  });

  it('raises the warnings that a joint model reads by the models that raise them; joint ones are read by name', () => {
    const events = `
    subject: { credit: B }
    devices: { d1: {} }
    events:
      - { at: 0d, complaint: { category: 噪音 }, times: 2, every: 1d }
      - { at: 1d1h, device: d1, sensor-reading: { metric: m, value: 6 }, times: 2, every: 1m }
`;
    const open = `cases:
  - name: two warnings${events}    expect:
      - { at: 1d, level: orange, open: 1 }
      - { at: 1d1h1m, level: red, open: 2 }
      - { at: 1d2h, level: orange, open: 1 }
      - { at: 7d, level: none }
`;
    expect(failuresOf('sim/open', open)).toEqual([]);
    const named = `cases:
  - name: one joint warning, at whatever level${events}    expect:
      - { at: 1d, level: blue, open: 1 }
      - { at: 21d, level: none }
`;
    expect(failuresOf('sim/named', named)).toEqual([]);
    const mixed = `cases:
  - name: one joint warning and one penalty${events}      - { at: 2d, penalty: { kind: fine } }
    expect:
      - { at: 2d, level: blue, signs: 2 }
      - { at: 21d, level: none }
`;
    expect(failuresOf('sim/mixed', mixed)).toEqual([]);
  });
});
