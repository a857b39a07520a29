// Complaints of an ordinary day, from many hands, some late and a few withdrawn.
import type { JsonObject } from '../../src/events/event.js';
import { person } from './day.js';
import type { Day } from './day.js';
import { draft, numbered, SOURCES } from './event.js';
import type { Random } from './random.js';
import { DOMAINS } from './registry.js';
import type { Domain } from './registry.js';
import { CITIZENS, HOUR_MS, instantOn, MINUTE_MS } from './rhythm.js';

/**
 * Complaints a subject and day, by category. Those that the models of rules/ count are kept so rare that chance seldom
 * reaches a threshold: about 0.1 a week and subject for food, 0.08 a month for unpaid wages, 0.12 a fortnight for refunds.
 */
const RATES: { readonly [domain in Domain]: readonly (readonly [category: string, rate: number])[] } = {
  food: [
    ['食品变质', 0.0035],
    ['食品异物', 0.0035],
    ['食品过期', 0.003],
    ['食品卫生', 0.003],
    ['食品腹泻', 0.0003],
    ['价格争议', 0.006],
    ['服务态度', 0.006],
  ],
  ecology: [
    ['废气异味', 0.012],
    ['污水排放', 0.006],
    ['夜间噪声', 0.008],
  ],
  wages: [
    ['欠薪', 0.0025],
    ['噪音扰民', 0.02],
    ['扬尘污染', 0.012],
  ],
  prepaid: [
    ['预付卡退费', 0.008],
    ['服务质量', 0.006],
    ['虚假宣传', 0.003],
  ],
  elderly: [
    ['养老服务', 0.006],
    ['养老收费', 0.004],
  ],
  gas: [
    ['燃气服务', 0.006],
    ['燃气异味', 0.002],
  ],
  hazchem: [
    ['异味扰民', 0.008],
    ['违规储存', 0.002],
  ],
  equipment: [
    ['电梯故障', 0.01],
    ['电梯困人', 0.002],
  ],
};
const PLACE_COMPLAINTS_PER_DAY = 0.8;
const WITHDRAWN_SHARE = 0.008;

const CHANNELS = [
  { channel: '12345', source: SOURCES.hotline },
  { channel: '12315', source: SOURCES.consumer },
  { channel: 'online', source: SOURCES.online },
  { channel: 'visit', source: SOURCES.hotline },
] as const;
const CHANNEL_SHARES = [50, 30, 17, 3];

/** How much later a complaint is recorded: mostly minutes, one in twelve only after hours. */
export function complaintDelay(random: Random): number {
  if (random.chance(0.08)) return random.between(60, 480) * MINUTE_MS;
  return random.between(60, 1500) * 1000;
}

function weekFactor(domain: Domain, weekend: boolean): number {
  const eatsOut = domain === 'food' || domain === 'prepaid';
  if (weekend) return eatsOut ? 1.5 : 0.6;
  return eatsOut ? 0.8 : 1.16;
}

/** What a complaint is about; one without a subject names a place. */
type Matter = { category: string; region: string; place?: string };

export function complaintsOf(day: Day): void {
  const random = day.random('complaint');
  let sequence = 0;
  for (const domain of DOMAINS) {
    for (const [category, rate] of RATES[domain]) {
      const mean = day.registry.count(domain) * rate * weekFactor(domain, day.weekend);
      for (let left = random.around(mean); left > 0; left--) {
        const { id, region } = day.registry.pick(domain, random);
        complain(day, random, sequence++, id, { category, region });
      }
    }
  }
  for (let left = random.around(PLACE_COMPLAINTS_PER_DAY); left > 0; left--) {
    const { id, region } = day.registry.pickPlace(random);
    complain(day, random, sequence++, undefined, { category: '环境卫生', place: id, region });
  }
}

function complain(
  day: Day,
  random: Random,
  sequence: number,
  subject: string | undefined,
  what: Matter,
): void {
  const { channel, source } = CHANNELS[random.weighted(CHANNEL_SHARES)] as (typeof CHANNELS)[number];
  const complainant = person(day, random);
  const time = instantOn(day.day, CITIZENS, random);
  const at = time + complaintDelay(random);
  const asksMoney = random.chance(0.3);
  const data: JsonObject = {
    ...what,
    channel,
    complainant,
    content: `模拟投诉：${what.category}`,
    ...(random.chance(0.4) ? { complainant_phone: complainant.replace('person', 'phone') } : {}),
    ...(asksMoney ? { amount: random.between(2, 300) * 10, demand: '退款' } : { demand: '查处' }),
  };
  const id = numbered('cmp', day.index, sequence);
  const key = subject === undefined ? {} : { subject };
  day.emit(draft({ id, source, stream: 'complaint', ...key, time, at, data }));
  if (random.chance(WITHDRAWN_SHARE)) {
    const withdrawnAt = at + random.between(5, 120) * HOUR_MS;
    const withdrawal = { ...data, content: '模拟：投诉人撤回投诉' };
    const fields = {
      source,
      stream: 'complaint',
      ...key,
      time: withdrawnAt,
      at: withdrawnAt + MINUTE_MS,
    } as const;
    day.emit(
      draft({
        ...fields,
        id: numbered('cmp-withdrawal', day.index, sequence),
        revokes: id,
        data: withdrawal,
      }),
    );
  }
}
