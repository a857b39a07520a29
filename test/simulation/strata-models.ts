// The models of the simulated strata, and the rules that they are.
import { loadRules } from '../../src/model/load.js';
import type { RuleSet } from '../../src/model/ruleset.js';
import { CATALOGUE } from './models.js';
import { FROM_OTHER_KEYS, FROM_THE_LOG } from './strata-event-models.js';
import { HOUR, type StrataModel } from './strata-model.js';
import { FROM_PLACES } from './strata-place-models.js';
import { STEPS_OVER_WARNINGS } from './strata-step-models.js';
import { FROM_WARNINGS } from './strata-warning-models.js';

/** In the order of their names, which is that of their evaluation. */
export const STRATA_MODELS: readonly StrataModel[] = [
  ...FROM_THE_LOG,
  ...FROM_OTHER_KEYS,
  ...FROM_WARNINGS,
  ...FROM_PLACES,
  ...STEPS_OVER_WARNINGS,
].sort((a, b) => (a.name < b.name ? -1 : 1));

/** The lead departments of the items. */
export const LEADS = { 'item-a': 'lead-a', 'item-b': 'lead-b', 'item-c': 'lead-c' } as const;

function textOf(model: StrataModel): string {
  const scope = model.scope === 'region+industry' ? '[region, industry]' : model.scope;
  return `model: ${model.name}
title: 题
summary: 述
item: ${model.item}
scope: ${scope}
for: ${model.forMs / HOUR}h
hold: ${model.holdMs / HOUR}h
plan: plan
advise: 议
${model.yaml.trim()}
`;
}

export function strataRules(): RuleSet {
  const files = new Map<string, string>(Object.entries(CATALOGUE));
  const items = Object.entries(LEADS).map(
    ([item, lead]) => `
${item}: { title: 事项, domain: ${item}, lead: ${lead}, cooperating: [], object: 对象, method: 方式, level: county,
        legal: [ { law: 法, article: 第一条, from: 2000-01-01 } ] }`,
  );
  files.set('catalogue/items.yaml', items.join(''));
  files.set(
    'catalogue/departments.yaml',
    Object.values(LEADS)
      .map((lead) => `${lead}: { name: ${lead} }`)
      .join('\n'),
  );
  for (const model of STRATA_MODELS) files.set(`${model.name}.yaml`, textOf(model));
  const { rules, diagnostics } = loadRules(files);
  const errors = diagnostics.filter((one) => one.severity === 'error');
  if (rules === null || errors.length > 0) throw new Error(JSON.stringify(errors, null, 1));
  return rules;
}
