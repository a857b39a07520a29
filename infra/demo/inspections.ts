// Inspections of an ordinary day, and what follows a failed one: a rectification in time, mostly, and now and then a penalty.
import type { JsonObject } from '../../src/events/event.js';
import { person } from './day.js';
import type { Day } from './day.js';
import { draft, numbered, SOURCES, timestamp } from './event.js';
import type { Random } from './random.js';
import { DOMAINS } from './registry.js';
import type { Domain, Subject } from './registry.js';
import { DAY_MS, dayStart, HOUR_MS, instantOn, MINUTE_MS, OFFICE, workingDayUpTo } from './rhythm.js';

const INSPECTIONS_PER_SUBJECT_AND_WORKING_DAY = 0.02;
const PENALTIES_PER_SUBJECT_AND_WORKING_DAY = 0.0006;
const FAILED_SHARE = 0.12;
const ABSENT_SHARE = 0.01;
const PENALISED_SHARE = 0.25;
/** Of the failed, how many do not put it right in time. */
const OVERDUE_SHARE = 0.1;

const ITEMS: {
  readonly [domain in Domain]: readonly (readonly [item: string, code: string, problem: string])[];
} = {
  food: [
    ['食品安全检查', 'food-hygiene', '后厨卫生不符合要求'],
    ['食品安全检查', 'food-expired', '存放超过保质期的食品原料'],
  ],
  ecology: [
    ['排污许可检查', 'discharge-record', '自行监测记录不完整'],
    ['排污许可检查', 'treatment-off', '治污设施运行不正常'],
  ],
  wages: [['建筑施工检查', 'site-safety', '临边防护缺失']],
  prepaid: [['预付卡备案检查', 'card-filing', '未按规定备案']],
  elderly: [
    ['养老机构消防检查', 'fire-exit', '疏散通道堆放杂物'],
    ['养老机构服务质量检查', 'care-record', '护理记录不完整'],
  ],
  gas: [['燃气安全检查', 'gas-hose', '连接软管超过使用年限']],
  hazchem: [['危险化学品储存检查', 'chemical-storage', '储存场所通风不足']],
  equipment: [['特种设备检查', 'equipment-inspection', '未按期申报定期检验']],
};

export function inspectionsOf(day: Day): void {
  if (day.weekend) return;
  const random = day.random('inspection');
  let sequence = 0;
  for (const domain of DOMAINS) {
    const subjects = day.registry.count(domain);
    for (let left = random.around(subjects * INSPECTIONS_PER_SUBJECT_AND_WORKING_DAY); left > 0; left--) {
      inspect(day, random, sequence++, domain);
    }
    for (let left = random.around(subjects * PENALTIES_PER_SUBJECT_AND_WORKING_DAY); left > 0; left--) {
      penalise(
        day,
        random,
        sequence++,
        day.registry.pick(domain, random),
        instantOn(day.day, OFFICE, random),
      );
    }
  }
}

function inspect(day: Day, random: Random, sequence: number, domain: Domain): void {
  const subject = day.registry.pick(domain, random);
  const [item, code, description] = random.pick(ITEMS[domain]);
  const time = instantOn(day.day, OFFICE, random);
  const at = time + random.between(10, random.chance(0.1) ? 2 * 24 * 60 : 300) * MINUTE_MS;
  const roll = random.next();
  const result = roll < FAILED_SHARE ? 'fail' : roll < FAILED_SHARE + ABSENT_SHARE ? 'absent' : 'pass';
  const inspection = numbered('ins', day.index, sequence);
  const deadline = dayStart(day.day + 7 + random.between(0, 14)) + 18 * HOUR_MS;
  const severity = random.pick(['minor', 'minor', 'major']);
  const data: JsonObject = {
    inspection,
    result,
    method: random.pick(['daily', 'daily', 'random', 'special']),
    item,
    region: subject.region,
    department: subject.department,
    inspector: `sim-person-inspector-${random.between(1, 40)}`,
    ...(result === 'fail'
      ? { problems: [{ code, description, severity }], deadline: timestamp(deadline) }
      : {}),
  };
  const fields = {
    id: inspection,
    source: SOURCES.inspections,
    stream: 'inspection',
    subject: subject.id,
  } as const;
  day.emit(draft({ ...fields, time, at, data }));
  if (result !== 'fail') return;
  rectify(day, random, inspection, subject, deadline);
  if (random.chance(PENALISED_SHARE)) penalise(day, random, sequence, subject, time);
}

function rectify(day: Day, random: Random, inspection: string, subject: Subject, deadline: number): void {
  const overdue = random.chance(OVERDUE_SHARE);
  const days = overdue ? random.between(1, 9) : -random.between(1, 4);
  const time = deadline + days * DAY_MS - random.between(0, 8 * 60) * MINUTE_MS;
  const data = {
    inspection,
    result: 'done',
    verified: true,
    content: '模拟：已完成整改',
    region: subject.region,
    department: subject.department,
  };
  const fields = { id: `rec-${inspection}`, source: SOURCES.inspections, stream: 'rectification' } as const;
  day.emit(
    draft({ ...fields, subject: subject.id, time, at: time + random.between(5, 600) * MINUTE_MS, data }),
  );
}

/** A penalty is decided some working days after the act, and recorded days after the decision. */
function penalise(day: Day, random: Random, sequence: number, subject: Subject, actMs: number): void {
  const decidedOn = workingDayUpTo(day.day + random.between(5, 15));
  const time = instantOn(decidedOn, OFFICE, random);
  const fine = random.chance(0.7);
  const data: JsonObject = {
    document: `模拟罚第${String(day.index).padStart(3, '0')}${String(sequence).padStart(4, '0')}号`,
    kind: fine ? 'fine' : 'warning',
    ...(fine ? { amount: random.between(5, 200) * 100 } : {}),
    act_time: timestamp(actMs),
    responsible: person(day, random),
    region: subject.region,
    department: subject.department,
  };
  const at = time + random.between(24, 10 * 24) * HOUR_MS;
  const id = numbered('pen', day.index, sequence);
  day.emit(draft({ id, source: SOURCES.penalties, stream: 'penalty', subject: subject.id, time, at, data }));
}
