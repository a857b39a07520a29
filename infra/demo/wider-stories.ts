// Stories that cross keys: a restaurant and its alarm, the restaurants of a street, a lift and its operator, a platform.
import { SOURCES, timestamp } from './event.js';
import { Teller } from './plot.js';
import type { Plot } from './plot.js';
import { CLUSTER_FIRST, CLUSTER_SIZE, LEAKING, meetingRegion } from './registry.js';
import type { Registry } from './registry.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './rhythm.js';
import {
  alarmsOfDeadSource,
  LEAK_DEVICE,
  LEAK_HARM_BEFORE_END_MS,
  LIFT,
  liftHarm,
  sourceDeath,
} from './script.js';

/** A restaurant that was fined is complained about again, and then its alarm reads more and more methane. */
export function gasLeak(registry: Registry, endMs: number): Plot {
  const restaurant = registry.storySubject('food', LEAKING);
  const teller = new Teller(registry, endMs, { id: 'gas-leak', number: 4 }, restaurant);
  const failed = teller.failedInspection(25, '食品安全检查', '后厨卫生不达标');
  const decided = teller.instant(teller.workingDay(19), 11);
  const fine = {
    document: '模拟市监罚第00001号',
    kind: 'fine',
    amount: 8_000,
    law: '中华人民共和国食品安全法',
  };
  const penalty = { ...fine, act_time: timestamp(failed) };
  teller.tell('penalty', decided, penalty, { delayMs: 5 * DAY_MS });
  teller.complaints('食品卫生', [
    [6, 1],
    [5, 2],
    [4, 3],
    [4, 4],
    [3, 5],
    [2, 6],
    [1, 7],
  ]);
  const end = endMs - LEAK_HARM_BEFORE_END_MS;
  const harm = { category: '燃气泄漏', channel: 'other', injured: 0, complainant: teller.person(8) };
  const content = '模拟：燃气泄漏，现场人员已疏散';
  teller.tell('complaint', end, { ...harm, content }, { delayMs: 5 * MINUTE_MS });
  const device = `device:${registry.gasDevice(LEAK_DEVICE).id}`;
  const subject = `subject:${restaurant.id}`;
  return {
    story: {
      id: 'gas-leak',
      keys: [subject, device],
      title: '被投诉和处罚过的餐饮店燃气泄漏至紧急疏散',
      summary:
        'A restaurant is fined and complained about; then methane at its alarm climbs until people are evacuated.',
      domain: 'gas',
      expected: [
        { model: 'gas/leak', key: device },
        { model: 'food/repeat-complaints', key: subject },
        { model: 'joint/same-subject', key: subject },
        { model: 'joint/gas-dining', key: subject },
        { model: 'joint/same-region', key: `region:${meetingRegion()}` },
      ],
      after: 'standing',
      end,
    },
    drafts: teller.drafts,
  };
}

/** When guests of each restaurant of the street complain, in days before the last; no restaurant alone is conspicuous. */
const FALLEN_ILL: readonly (readonly number[])[] = [
  [9],
  [8],
  [8],
  [7],
  [7, 5],
  [6, 4],
  [6],
  [5, 3],
  [5],
  [4],
  [4],
  [3],
];

/** Guests of twelve restaurants of one street fall ill within a week; a supplier that all of them share is the cause. */
export function streetCluster(registry: Registry, endMs: number): Plot {
  const tellers = Array.from({ length: CLUSTER_SIZE }, (_, place) => {
    const subject = registry.storySubject('food', CLUSTER_FIRST + place);
    const id = `cluster-${String(place + 1).padStart(2, '0')}`;
    const teller = new Teller(registry, endMs, { id, number: 7 }, subject);
    const days = FALLEN_ILL[place] ?? [];
    teller.complaints(
      place % 2 === 0 ? '食品腹泻' : '食品呕吐',
      days.map((daysBefore, order) => [daysBefore, place * 3 + order + 1] as const),
    );
    return teller;
  });
  const last = tellers[0] as Teller;
  const end = last.instant(2, 19);
  const harm = { category: '食品中毒', channel: 'other', injured: 9, complainant: last.person(90) };
  const content = '模拟：多家餐饮店的九名顾客住院，所用豆制品同出一家供货者';
  last.tell('complaint', end, { ...harm, content }, { delayMs: 40 * MINUTE_MS });
  return {
    story: {
      id: 'cluster',
      keys: tellers.map(({ subject }) => `subject:${subject.id}`),
      title: '一条街道十二家餐饮店先后有人食用后不适',
      summary:
        'Guests of twelve restaurants of one street fall ill, one or two of each; nine end in hospital.',
      domain: 'food',
      expected: [{ model: 'food/illness-cluster', key: `region:${meetingRegion()}` }],
      after: 'standing',
      end,
    },
    drafts: tellers.flatMap(({ drafts }) => drafts),
  };
}

/** A lift fails its inspection and is not repaired; it shakes more each day, people are trapped, two are hurt. */
export function failingLift(registry: Registry, endMs: number): Plot {
  const operator = registry.storySubject('equipment');
  const teller = new Teller(registry, endMs, { id: 'elevator', number: 8 }, operator);
  const deadline = timestamp(teller.instant(9, 18));
  teller.failedInspection(20, '电梯安全检查', '曳引轮磨损，制动间隙超标', deadline);
  teller.complaints('电梯故障', [
    [8, 1],
    [5, 2],
  ]);
  teller.complaints('电梯困人', [
    [3, 3],
    [2, 4],
  ]);
  const end = liftHarm(endMs);
  const harm = { category: '电梯蹲底', channel: 'other', injured: 2, complainant: teller.person(5) };
  teller.tell('complaint', end, { ...harm, content: '模拟：电梯蹲底，两名乘客受伤' });
  const subject = `subject:${operator.id}`;
  const device = `device:${registry.equipmentDevice(LIFT).id}`;
  return {
    story: {
      id: 'elevator',
      keys: [subject, device],
      title: '电梯检查不合格又振动加剧，终致蹲底伤人',
      summary:
        'A lift fails its inspection, shakes more each day and traps people, until it drops and hurts two.',
      domain: 'special-equipment',
      expected: [
        { model: 'special-equipment/elevator-failing', key: subject },
        { model: 'special-equipment/elevator-vibration', key: device },
        { model: 'special-equipment/overdue-rectification', key: subject },
      ],
      after: 'standing',
      end,
    },
    drafts: teller.drafts,
  };
}

/** The platform of the dining trade sends nothing for thirty hours: one dead source, and no silent alarm. */
export function deadSource(registry: Registry, endMs: number): Plot {
  const keys = alarmsOfDeadSource(registry).map(({ id }) => `device:${id}`);
  return {
    story: {
      id: 'source',
      keys,
      title: '餐饮燃气平台整体中断三十小时',
      summary:
        'A platform of gas alarms dies for thirty hours: one source is silent, none of its alarms by itself.',
      domain: 'gas',
      expected: [{ model: 'gas/silent-device:source', key: `source:${SOURCES.gasDining}` }],
      after: 'cleared',
      end: sourceDeath(endMs).until,
    },
    drafts: [],
  };
}

/** A dyeing works is fined under three laws in three weeks, goes on, and the fish die. */
export function riverPollution(registry: Registry, endMs: number): Plot {
  const works = registry.storySubject('ecology');
  const teller = new Teller(registry, endMs, { id: 'ecology', number: 9 }, works);
  const fines = [
    [40, 30_000, '中华人民共和国水污染防治法'],
    [33, 50_000, '中华人民共和国大气污染防治法'],
    [27, 20_000, '中华人民共和国固体废物污染环境防治法'],
  ] as const;
  fines.forEach(([daysBefore, amount, law], number) => {
    const time = teller.instant(teller.workingDay(daysBefore), 10);
    const document = `模拟环罚第0000${number + 1}号`;
    const data = { document, kind: 'fine', amount, law, act_time: timestamp(time - 12 * DAY_MS) };
    teller.tell('penalty', time, data, { delayMs: 5 * DAY_MS });
  });
  teller.complaints('污水排放', [
    [14, 1],
    [9, 2],
    [7, 3],
    [6, 4],
  ]);
  const end = teller.instant(4, 6.5);
  const harm = { category: '污水排放', channel: 'other', complainant: teller.person(5) };
  const content = '模拟：河道出现大量死鱼，取水口停止取水';
  teller.tell('complaint', end, { ...harm, content }, { delayMs: HOUR_MS });
  const key = `subject:${works.id}`;
  return {
    story: {
      id: 'ecology',
      keys: [key],
      title: '印染厂三部法律反复受罚后污染河道',
      summary:
        'A dyeing works is fined under three laws within weeks and complained about, until the fish die.',
      domain: 'ecology',
      expected: [
        { model: 'ecology/repeat-penalties', key },
        { model: 'ecology/several-articles', key },
      ],
      after: 'standing',
      end,
    },
    drafts: teller.drafts,
  };
}
