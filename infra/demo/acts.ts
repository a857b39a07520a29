// What departments do in the stories: they sign, act, report, close, hand over to the police, or leave things lying.
import type { JsonObject } from '../../src/events/event.js';
import type { Story } from './plot.js';
import { DAY_MS, dayStart, HOUR_MS, localDay } from './rhythm.js';
import { timestamp } from './event.js';

/** An action that somebody takes on the warning of a story, if it stands by then. */
export interface ScriptedAct {
  readonly id: string;
  /** Epoch ms. */
  readonly at: number;
  /** The newest warning of this model on this key. */
  readonly model: string;
  readonly key: string;
  /** `lead` is the department that leads it by then, `superior` the one above that; else the id of a department. */
  readonly by: string;
  /** As `fenghuo.action` has it in `data.act`. */
  readonly act: JsonObject;
}

type Step = readonly [daysBefore: number, hour: number, by: string, act: JsonObject];

const SIGN: JsonObject = { type: 'sign' };
const start = (measures: string): JsonObject => ({ type: 'start', measures });
const found = (result: string, findings: string, measures: string): JsonObject => ({
  type: 'feedback',
  result,
  findings,
  measures,
});
const close = (conclusion: string): JsonObject => ({ type: 'close', conclusion });

/** By story and model. Days are counted back from the day on which the data end; nothing is done about the other models. */
const SCRIPT = (endMs: number): { readonly [place: string]: readonly Step[] } => ({
  // Found true while it was yellow; graver since, and nobody has signed for it again.
  'food food/repeat-complaints': [
    [12, 9.5, 'lead', SIGN],
    [12, 14, 'lead', start('到店核查冷藏设施和加工流程')],
    [11, 16, 'lead', found('confirmed', '冷藏温度不达标，生熟混放', '责令当日整改，约谈负责人')],
  ],
  // Found true early, grave in the end: on its way to the police.
  'wages wages/arrears-cluster': [
    [30, 10, 'lead', SIGN],
    [30, 15, 'lead', start('约谈施工总承包单位')],
    [27, 16, 'lead', found('confirmed', '五名工人两个月工资未付', '责令限期支付')],
    [12, 9, 'lead', SIGN],
    [12, 10, 'lead', start('核查专用账户流水')],
    [
      9,
      15,
      'lead',
      { type: 'hand-over', organ: 'public-security', materials: ['考勤表', '工资表', '限期支付通知书'] },
    ],
    [9, 17, 'public-security', { type: 'receipt', transfer: 1, number: '模拟公（经）收〔2026〕1号' }],
    [7, 11, 'public-security', { type: 'accept', transfer: 1 }],
  ],
  // The clocks stand still until the accounts are audited.
  'prepaid prepaid/refund-run': [
    [9, 9.5, 'lead', SIGN],
    [
      8,
      10,
      'superior',
      { type: 'suspend', reason: '委托会计师事务所审计预收资金', until: timestamp(endMs + 10 * DAY_MS) },
    ],
  ],
  'elderly elderly/overdue-rectification': [
    [19, 9.5, 'lead', SIGN],
    [19, 14, 'lead', start('到场复查疏散通道和喷淋')],
    [17, 16, 'lead', found('confirmed', '疏散通道仍然上锁', '责令停止接收新的老年人')],
    [4, 9, 'lead', SIGN],
    [4, 10, 'lead', found('confirmed', '储物间起火，已扑灭', '会同消防查封并转移老年人')],
    [3, 15, 'lead', close('已停业整顿，老年人全部妥善安置')],
  ],
  // The basis is taken back after it was signed for.
  'hazchem hazchem/repeat-penalties': [[13, 10, 'lead', SIGN]],
  'ecology ecology/repeat-penalties': [
    [20, 9, 'lead', SIGN],
    [20, 14, 'lead', start('现场采样')],
    [18, 16, 'lead', found('confirmed', '总排口化学需氧量超标', '责令限制生产')],
  ],
  'ecology ecology/several-articles': [
    [20, 9.2, 'lead', SIGN],
    [18, 16.5, 'lead', found('not-confirmed', '三起处罚针对同一台设备，已一并整改', '核对整改材料')],
    [17, 10, 'lead', close('情况不属实，不再另行处置')],
  ],
  'source gas/silent-device:source': [
    [16, 9, 'lead', SIGN],
    [16, 9.5, 'lead', start('联系平台运营单位抢修')],
    [15, 10, 'lead', found('confirmed', '机房断电三十小时', '要求加装备用电源')],
    [15, 11, 'lead', close('平台已恢复')],
  ],
  'elevator special-equipment/overdue-rectification': [
    [8, 10, 'lead', SIGN],
    [8, 15, 'lead', start('现场核查曳引轮更换情况')],
  ],
  'elevator special-equipment/elevator-failing': [[1, 11, 'lead', SIGN]],
});

/** The actions in the stories, in the order in which they are taken; none comes after the last instant. */
export function actsIn(stories: readonly Story[], endMs: number): ScriptedAct[] {
  const script = SCRIPT(endMs);
  const acts = stories.flatMap(({ id, expected }) =>
    expected.flatMap(({ model, key }) =>
      (script[`${id} ${model}`] ?? []).map(([daysBefore, hour, by, act], index): ScriptedAct => ({
        id: `act-${id}-${model.replace(/[/:]/g, '-')}-${index + 1}`,
        at: dayStart(localDay(endMs) - daysBefore) + Math.round(hour * HOUR_MS),
        model,
        key,
        by,
        act,
      })),
    ),
  );
  return acts.filter(({ at }) => at <= endMs).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
}
