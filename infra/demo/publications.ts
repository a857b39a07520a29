// What is published about subjects: posts on the net, and judgments of the courts.
import type { JsonObject } from '../../src/events/event.js';
import { person } from './day.js';
import type { Day } from './day.js';
import { draft, numbered, SOURCES } from './event.js';
import { HOUR_MS, instantOn, MINUTE_MS, OFFICE, ONLINE } from './rhythm.js';

/** Posts about subjects: most of them lukewarm, a few heated. */
export function opinionsOf(day: Day): void {
  const random = day.random('opinion');
  const mean = (day.registry.size.subjects / 2000) * 4;
  let sequence = 0;
  for (let left = random.around(mean); left > 0; left--) {
    const domain = random.pick(['food', 'food', 'prepaid', 'elderly', 'equipment', 'wages'] as const);
    const { id: subject, region } = day.registry.pick(domain, random);
    const time = instantOn(day.day, ONLINE, random);
    const heated = random.chance(0.04);
    const data: JsonObject = {
      platform: random.pick(['短视频平台', '点评平台', '本地论坛']),
      title: heated ? '模拟：网友吐槽' : '模拟：网友点评',
      topic: heated ? '消费纠纷' : '消费体验',
      sentiment: (heated ? random.between(-90, -50) : random.between(-30, 80)) / 100,
      heat: heated ? random.between(200, 2000) : random.between(1, 60),
      author: person(day, random),
      region,
    };
    const at = time + random.between(10, 300) * MINUTE_MS;
    const id = numbered('opn', day.index, sequence++);
    day.emit(draft({ id, source: SOURCES.opinions, stream: 'opinion', subject, time, at, data }));
  }
}

/** Judgments are published days to weeks after they are given. */
export function judgmentsOf(day: Day): void {
  if (day.weekend) return;
  const random = day.random('judgment');
  const mean = (day.registry.size.subjects / 2000) * 2.2;
  let sequence = 0;
  for (let left = random.around(mean); left > 0; left--) {
    const domain = random.pick([
      'food',
      'ecology',
      'wages',
      'prepaid',
      'equipment',
      'hazchem',
      'gas',
    ] as const);
    const { id: subject, region } = day.registry.pick(domain, random);
    const time = instantOn(day.day, OFFICE, random);
    const enforcement = random.chance(0.25);
    const data: JsonObject = {
      case_no: `模拟民初${String(day.index).padStart(3, '0')}${String(sequence).padStart(4, '0')}号`,
      court: '模拟县人民法院',
      kind: enforcement ? 'enforcement' : 'civil',
      cause: random.pick(['买卖合同纠纷', '服务合同纠纷', '劳动争议', '租赁合同纠纷']),
      role: enforcement ? 'executed' : random.pick(['plaintiff', 'defendant', 'defendant']),
      amount: random.between(2, 400) * 1000,
      dishonest: enforcement && random.chance(0.15),
      region,
    };
    const at = time + random.between(3 * 24, 20 * 24) * HOUR_MS;
    const id = numbered('jdg', day.index, sequence++);
    day.emit(draft({ id, source: SOURCES.courts, stream: 'judgment', subject, time, at, data }));
  }
}
