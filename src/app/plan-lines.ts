// A plan of other rules as lines and tables for people.
import { CHANGES } from '../pipeline/shadow/episodes.js';
import { CHANGE_NAMES, differenceLine } from './comparison-lines.js';
import { changedLines } from './models-lines.js';
import type { ModelsPlan, PlannedBehaviour } from './models-plan.js';
import { releasedLines } from './released-lines.js';
import { shadowTotals } from './shadow-lines.js';
import { block, linesOf } from './terminal-table.js';

const SHOWN = 20;

/** Everything that a plan says, the rest of long lists by its number. */
export function planLines(plan: ModelsPlan): string[] {
  const { former, latter, files, held, promoted, behaviour, limit, from, to } = plan;
  if (former === latter) return [`${latter} 正在运行，没有变化`];
  const models = changedLines(files.models);
  const catalogue = changedLines(files.catalogue);
  return [
    `规则 ${former} → ${latter}`,
    ...(models.length === 0 ? [] : ['模型：', ...models]),
    ...(catalogue.length === 0 ? [] : ['目录：', ...catalogue]),
    ...heldLines(held),
    ...(promoted.length === 0 ? [] : ['由试运行转正：', ...promoted.map((one) => `  ${shadowTotals(one)}`)]),
    ...(from === null ? ['还没有可以比较的历史'] : []),
    ...(limit === null ? [] : [`只比较到 ${to}：${LIMITS[limit]}`]),
    ...(behaviour === null || from === null ? [] : ['', `${from} 至 ${to}：`, ...behaviourLines(behaviour)]),
  ];
}

const LIMITS = {
  events: '事件数到了上限，可用 --events-max 放宽',
  time: '时间到了上限，可用 --time-limit 放宽',
} as const;

function heldLines({ unprimed, strata, ending }: ModelsPlan['held']): string[] {
  return [
    ...listed(
      '新指标，读完历史之前为未知',
      unprimed.map(({ model, indicator }) => `${model} ${indicator}`),
    ),
    ...listed(
      '改变了研判次序，视为新模型',
      strata.map(({ model, former, latter }) => `${model}：第 ${former} 层 → 第 ${latter} 层`),
    ),
    ...listed('不再运行，其预警随之结束', ending),
  ];
}

function behaviourLines({ comparison, released, departments, ending, lasting }: PlannedBehaviour): string[] {
  const { models, subjects, subjectsChanged, differences, changes } = comparison;
  const names = CHANGES.map((change) => CHANGE_NAMES[change]);
  const changed = models.filter(({ changes: own, graver, milder }) =>
    [own.new, own.gone, own.earlier, own.later, graver, milder].some((count) => count > 0),
  );
  const counts = (own: typeof changes) => CHANGES.map((change) => String(own[change]));
  return [
    ...releasedLines(released),
    ...linesOf([
      ...block([
        ['模型', ...names, '加重', '减轻'],
        ...changed.map(({ model, changes: own, graver, milder }) => [
          model,
          ...[...counts(own), String(graver), String(milder)],
        ]),
        ['合计', ...counts(changes), '', ''],
      ]),
      '',
      ...block([
        ['牵头部门', ...names],
        ...departments.map(({ name, changes: own }) => [name, ...counts(own)]),
      ]),
      '',
      ...block([
        [`有变化的对象（${subjectsChanged} 个）`, ...names.slice(1)],
        ...subjects
          .slice(0, SHOWN)
          .map(({ scope, key, changes: own }) => [
            `${scope}:${key}`,
            ...[own.earlier, own.later, own.new, own.gone].map(String),
          ]),
      ]),
    ]),
    ...differences.slice(0, SHOWN).map(differenceLine),
    ...listed(
      '现有预警随模型结束',
      ending.filter(({ standing }) => standing > 0).map(({ model, standing }) => `${model} ${standing}`),
    ),
    ...listed(
      '级别可能取决于更早的历史',
      lasting.map(({ model }) => model),
    ),
  ];
}

function listed(title: string, all: readonly string[]): string[] {
  if (all.length === 0) return [];
  const more = all.length > SHOWN ? ` 等 ${all.length} 项` : '';
  return [`${title}：${all.slice(0, SHOWN).join('、')}${more}`];
}
