// A catalogue with offices at several depths, and the routes of a warning in it.
import type { RoutedWarning } from '../../src/alerts/route-conditions.js';
import { routeOf, type Route } from '../../src/alerts/routing.js';
import type { Catalogue } from '../../src/catalogue/catalogue.js';
import { loadRules } from '../../src/model/load.js';
import { rulesWith } from '../model/rules-fixture.js';

export const item = (id: string, lead: string, cooperating = '', level = 'county') => `
${id}:
  title: ${id}
  domain: ${id.split('-')[0] ?? ''}
  lead: ${lead}
  cooperating: [${cooperating}]
  object: 单位
  method: 现场检查
  level: ${level}
  legal:
    - { law: 中华人民共和国某法, article: 第一条, from: 2015-01-01 }
`;

export const ITEMS =
  item('food-operation', 'market', 'health') +
  item('food-city', 'market', '', 'city') +
  item('gas-use', 'housing', 'fire, market') +
  item('elevator', 'market');

export const DEPARTMENTS = `
government: { name: 县政府 }
market: { name: 市场监管局, superior: government }
market-city: { name: 市局, office_of: market, region: "3301" }
market-east: { name: 东所, office_of: market, region: "330106001", levels: [blue, yellow] }
market-west: { name: 西所, office_of: market, region: "330106002", levels: [blue], channels: [file, sms] }
market-village: { name: 村站, office_of: market, region: "330106001203", levels: [blue] }
health: { name: 卫健局, region: "330106" }
housing: { name: 住建局 }
fire: { name: 消防 }
`;

export const REGIONS = `
"3301": 杭州市
"330106": 西湖区
"330106001": 东街道
"330106001203": 某村
"330106002": 西街道
"330108": 滨江区
`;

/** The rules with other routes, departments or items. @throws where they do not load */
export function catalogueWith(
  routes: string | null = null,
  changes: { [file: string]: string } = {},
): Catalogue {
  const { rules, diagnostics } = loadRules(
    rulesWith({
      'catalogue/items.yaml': ITEMS,
      'catalogue/departments.yaml': DEPARTMENTS,
      'catalogue/regions.yaml': REGIONS,
      ...(routes === null ? {} : { 'catalogue/routes.yaml': routes }),
      ...changes,
    }),
  );
  if (rules === null) throw new Error(JSON.stringify(diagnostics, null, 1));
  return rules.catalogue;
}

export function warningOf(change: Partial<RoutedWarning> & { region?: string } = {}): RoutedWarning {
  const { region = '330106001', ...rest } = change;
  return {
    item: 'food-operation',
    level: 'yellow',
    previous: 'none',
    model: 'food/repeat-complaints',
    scope: 'subject',
    key: 's:1',
    profile: region === '' ? {} : { region },
    ...rest,
  };
}

/** Recipients as `lead market-east file`. */
export function told({ recipients }: Route): string[] {
  return recipients.map(({ department, role, channel }) => `${role} ${department} ${channel}`);
}

export function toldOf(catalogue: Catalogue, change: Parameters<typeof warningOf>[0] = {}): string[] {
  return told(routeOf(warningOf(change), catalogue));
}
