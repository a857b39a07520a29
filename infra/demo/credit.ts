// Credit changes: a few every working day, and once a quarter the evaluation of everybody.
import type { Day } from './day.js';
import { draft, numbered, SOURCES } from './event.js';
import type { Random } from './random.js';
import { CREDIT_CLASSES, DOMAINS } from './registry.js';
import type { CreditClass, Subject } from './registry.js';
import { DAY_MS, instantOn, MINUTE_MS, OFFICE } from './rhythm.js';

const EVALUATION_EVERY_DAYS = 91;
const EVALUATION_ON_DAY = 40;
/** Of a domain, how many the quarterly evaluation puts into another class. */
const REGRADED_SHARE = 0.12;
const LISTED_PER_SUBJECT_AND_WORKING_DAY = 0.0006;

export function creditChangesOf(day: Day): void {
  const random = day.random('credit');
  const evaluation = day.index % EVALUATION_EVERY_DAYS === EVALUATION_ON_DAY;
  let sequence = 0;
  for (const domain of DOMAINS) {
    const subjects = day.registry.count(domain);
    const regraded = evaluation ? random.around(subjects * REGRADED_SHARE) : 0;
    const seen = new Set<number>();
    for (let left = regraded; left > 0; left--) {
      const subject = day.registry.pick(domain, random);
      if (!seen.has(subject.index)) regrade(day, random, sequence++, subject);
      seen.add(subject.index);
    }
    if (day.weekend) continue;
    for (let left = random.around(subjects * LISTED_PER_SUBJECT_AND_WORKING_DAY); left > 0; left--) {
      list(day, random, sequence++, day.registry.pick(domain, random));
    }
  }
}

function regrade(day: Day, random: Random, sequence: number, subject: Subject): void {
  const previous = day.credit.get(subject.index) ?? subject.credit;
  const place = CREDIT_CLASSES.indexOf(previous);
  const next = place === 0 ? 1 : place === 3 ? 2 : place + (random.chance(0.6) ? -1 : 1);
  const credit = CREDIT_CLASSES[next] as CreditClass;
  day.credit.set(subject.index, credit);
  send(day, random, sequence, subject, {
    credit,
    previous,
    kind: 'evaluation',
    reason: '模拟：季度公共信用综合评价',
  });
}

function list(day: Day, random: Random, sequence: number, subject: Subject): void {
  const kind = random.pick(['abnormal-listed', 'repaired', 'repaired', 'dishonesty-listed']);
  const list_name = kind === 'dishonesty-listed' ? '严重违法失信名单' : '经营异常名录';
  send(day, random, sequence, subject, { kind, list_name, reason: '模拟：日常信用记录' });
}

function send(
  day: Day,
  random: Random,
  sequence: number,
  subject: Subject,
  data: { [name: string]: string },
): void {
  const time = instantOn(day.day, OFFICE, random);
  const at = time + random.between(5, DAY_MS / MINUTE_MS) * MINUTE_MS;
  const fields = {
    id: numbered('crd', day.index, sequence),
    source: SOURCES.credit,
    stream: 'credit-change',
  } as const;
  day.emit(draft({ ...fields, subject: subject.id, time, at, data: { ...data, region: subject.region } }));
}
