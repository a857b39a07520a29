// The registry of the county: which subjects, places and devices there are. Each is worked out from its number alone,
// so that a large county needs no table in memory.
import type { JsonObject } from '../../src/events/event.js';
import { draft, SOURCES, timestamp } from './event.js';
import type { Draft } from './event.js';
import { COUNTY_REGION, simulatedUscc } from './identifiers.js';
import { Random } from './random.js';
import { DAY_MS, HOUR_MS, MINUTE_MS } from './rhythm.js';

export const CREDIT_CLASSES = ['A', 'B', 'C', 'D'] as const;
export type CreditClass = (typeof CREDIT_CLASSES)[number];
const CREDIT_SHARES = [30, 50, 15, 5];

export const DOMAINS = [
  'food',
  'ecology',
  'wages',
  'prepaid',
  'elderly',
  'gas',
  'hazchem',
  'equipment',
] as const;
export type Domain = (typeof DOMAINS)[number];

interface DomainProfile {
  readonly share: number;
  readonly tag: string;
  /** Id in rules/catalogue/departments.yaml. */
  readonly department: string;
  readonly kinds: readonly { kind: string; registrar: string; noun: string; industry: string }[];
}

/** `registrar` is the start of a credit code; what has no such code gets a local id that starts with it. */
const PROFILES: { readonly [domain in Domain]: DomainProfile } = {
  food: {
    share: 0.39,
    tag: '食品经营',
    department: 'market-regulation',
    kinds: [
      { kind: 'sole-trader', registrar: '92', noun: '餐饮店', industry: 'H6210' },
      { kind: 'sole-trader', registrar: '92', noun: '快餐店', industry: 'H6220' },
      { kind: 'enterprise', registrar: '91', noun: '超市', industry: 'F5212' },
    ],
  },
  ecology: {
    share: 0.06,
    tag: '排污单位',
    department: 'ecology',
    kinds: [
      { kind: 'enterprise', registrar: '91', noun: '印染厂', industry: 'C1713' },
      { kind: 'enterprise', registrar: '91', noun: '电镀厂', industry: 'C3360' },
      { kind: 'enterprise', registrar: '91', noun: '造纸厂', industry: 'C2221' },
    ],
  },
  wages: {
    share: 0.1,
    tag: '建筑工地',
    department: 'human-resources',
    kinds: [{ kind: 'project', registrar: 'site', noun: '住宅工地', industry: 'E4710' }],
  },
  prepaid: {
    share: 0.12,
    tag: '预付卡',
    department: 'commerce',
    kinds: [
      { kind: 'enterprise', registrar: '91', noun: '健身馆', industry: 'R8930' },
      { kind: 'sole-trader', registrar: '92', noun: '美容美发店', industry: 'O8040' },
    ],
  },
  elderly: {
    share: 0.04,
    tag: '养老机构',
    department: 'civil-affairs',
    kinds: [{ kind: 'institution', registrar: '52', noun: '养老院', industry: 'Q8514' }],
  },
  gas: {
    share: 0.12,
    tag: '燃气用户',
    department: 'housing',
    kinds: [
      { kind: 'enterprise', registrar: '91', noun: '酒店', industry: 'H6110' },
      { kind: 'institution', registrar: 'canteen', noun: '单位食堂', industry: 'H6299' },
    ],
  },
  hazchem: {
    share: 0.05,
    tag: '危险化学品',
    department: 'emergency',
    kinds: [
      { kind: 'enterprise', registrar: '91', noun: '化工公司', industry: 'C2614' },
      { kind: 'enterprise', registrar: '91', noun: '危化品仓储公司', industry: 'G5942' },
    ],
  },
  equipment: {
    share: 0.12,
    tag: '特种设备',
    department: 'market-regulation',
    kinds: [{ kind: 'enterprise', registrar: '91', noun: '物业公司', industry: 'K7020' }],
  },
};

const TOWNS = ['城东街道', '城西街道', '城南镇', '城北镇', '河口镇', '东山乡'] as const;
const PLACE_COUNT = 12;
const LEAST_IN_DOMAIN = 3;
/** The restaurant of the story `gas-leak`, and the first of those of the street, by number within food. */
export const LEAKING = 1;
export const CLUSTER_FIRST = 2;
/** The restaurants of the story of a street. */
export const CLUSTER_SIZE = 12;
/** Of a domain's subjects, how many stories are about; they come first. */
const RESERVED: { readonly [domain in Domain]: number } = {
  food: 2 + CLUSTER_SIZE,
  ecology: 1,
  wages: 1,
  prepaid: 1,
  elderly: 1,
  gas: 1,
  hazchem: 1,
  equipment: 1,
};
/** The town in which several stories meet; the other stories happen elsewhere. */
const MEETING_TOWN = 1;
const ELSEWHERE_TOWN = 3;
/** One alarm in three is on the platform of the dining trade. */
const PLATFORMS = 3;
const DINING_PLATFORM = 2;

export interface Subject {
  readonly index: number;
  readonly id: string;
  readonly domain: Domain;
  readonly name: string;
  readonly region: string;
  readonly credit: CreditClass;
  /** The department that supervises it. */
  readonly department: string;
  readonly registration: JsonObject;
}

export interface Device {
  readonly id: string;
  readonly kind: 'gas-alarm' | 'elevator' | 'cold-storage';
  readonly source: string;
  readonly owner: string;
  readonly name: string;
  readonly region: string;
}

/** The numbers of a domain's subjects: `first` up to, not including, `end`. The first `reserved` are for stories. */
interface Range {
  readonly first: number;
  readonly end: number;
  readonly reserved: number;
}

export interface RegistrySize {
  readonly seed: number;
  readonly startMs: number;
  readonly subjects: number;
  readonly gasDevices: number;
  readonly equipmentDevices: number;
}

export class Registry {
  private readonly ranges: { readonly [domain in Domain]: Range };

  constructor(readonly size: RegistrySize) {
    let first = 0;
    const ranges: Partial<Record<Domain, Range>> = {};
    for (const domain of [...DOMAINS].reverse()) {
      const wanted = Math.max(LEAST_IN_DOMAIN, Math.floor(size.subjects * PROFILES[domain].share));
      // The largest domain comes last and takes what rounding left over.
      const end = domain === 'food' ? size.subjects : first + wanted;
      ranges[domain] = { first, end, reserved: RESERVED[domain] };
      first = end;
    }
    this.ranges = ranges as Record<Domain, Range>;
  }

  count(domain: Domain): number {
    return this.ranges[domain].end - this.ranges[domain].first;
  }

  /** A subject that no story is about; those with worse credit come up more often. */
  pick(domain: Domain, random: Random): Subject {
    const { first, end, reserved } = this.ranges[domain];
    for (;;) {
      const subject = this.subject(random.between(first + reserved, end - 1), domain);
      if (random.chance({ A: 0.5, B: 0.75, C: 0.9, D: 1 }[subject.credit])) return subject;
    }
  }

  /** A subject that a story of the domain is about; food has one for `food`, one for `gas-leak` and those of the street. */
  storySubject(domain: Domain, which = 0): Subject {
    return this.subject(this.ranges[domain].first + which, domain);
  }

  private domainOf(index: number): Domain {
    return DOMAINS.find(
      (domain) => index >= this.ranges[domain].first && index < this.ranges[domain].end,
    ) as Domain;
  }

  private subject(index: number, domain: Domain): Subject {
    const random = Random.of(this.size.seed, 'subject', index);
    const profile = PROFILES[domain];
    const { first, reserved } = this.ranges[domain];
    const inStory = index < first + reserved;
    const form = inStory ? (profile.kinds[0] as (typeof profile.kinds)[number]) : random.pick(profile.kinds);
    const credit = inStory ? 'B' : (CREDIT_CLASSES[random.weighted(CREDIT_SHARES)] as CreditClass);
    const drawn = random.between(0, TOWNS.length - 1);
    const town = inStory ? storyTown(domain, index - first, drawn) : drawn;
    const region = townRegion(town);
    const name = `模拟·${TOWNS[town] as string}·${form.noun}${String(index).padStart(4, '0')}`;
    const id = /^\d/.test(form.registrar)
      ? simulatedUscc(form.registrar, index)
      : `sim:${form.registrar}-${String(index).padStart(5, '0')}`;
    const tags = [profile.tag];
    const leaks = inStory && domain === 'food' && index === first + LEAKING;
    if (domain === 'food' && form.kind === 'sole-trader' && (random.chance(0.15) || leaks))
      tags.push('燃气用户');
    const establishedMs = this.size.startMs - random.between(120, 4000) * DAY_MS;
    const licenceUntilMs = this.size.startMs + random.between(200, 1500) * DAY_MS;
    const registration: JsonObject = {
      kind: form.kind,
      name,
      industry: form.industry,
      tags,
      credit,
      status: 'active',
      region,
      address: `模拟县${TOWNS[town] as string}模拟路${random.between(1, 400)}号`,
      established: timestamp(establishedMs),
      licence_until: timestamp(licenceUntilMs),
      legal_representative: `sim-person-legal-${String(index).padStart(5, '0')}`,
      ...(domain === 'elderly' ? { capacity: random.between(4, 30) * 10 } : {}),
    };
    return { index, id, domain, name, region, credit, department: profile.department, registration };
  }

  /** Alarm 0 hangs in the restaurant of the story `gas-leak`, the others with the users of gas in turn. */
  gasDevice(number: number): Device {
    const { first, end } = this.ranges.gas;
    const owner =
      number === 0
        ? this.storySubject('food', LEAKING)
        : this.subject(first + ((number - 1) % (end - first)), 'gas');
    const label = String(number).padStart(4, '0');
    return {
      id: `sim:gas-alarm-${label}`,
      kind: 'gas-alarm',
      source: number % PLATFORMS === DINING_PLATFORM ? SOURCES.gasDining : SOURCES.gas,
      owner: owner.id,
      name: `${owner.name}·燃气报警器${label}`,
      region: owner.region,
    };
  }

  /** Lifts and cold stores in turn; lift 0 is that of the story `elevator`. */
  equipmentDevice(number: number): Device {
    const kind = number % 2 === 0 ? 'elevator' : 'cold-storage';
    const domain = kind === 'elevator' ? 'equipment' : 'food';
    const { first, end, reserved } = this.ranges[domain];
    const place = number === 0 ? first : first + reserved + (number % (end - first - reserved));
    const owner = this.subject(place, domain);
    const label = String(number).padStart(4, '0');
    return {
      id: `sim:${kind}-${label}`,
      kind,
      source: SOURCES.equipment,
      owner: owner.id,
      name: `${owner.name}·${kind === 'elevator' ? '电梯' : '冷库'}${label}`,
      region: owner.region,
    };
  }

  place(number: number): { id: string; name: string; region: string } {
    const town = number % TOWNS.length;
    const label = String(number).padStart(2, '0');
    const name = `模拟·${TOWNS[town] as string}·农贸市场${label}`;
    return { id: `sim:market-${label}`, name, region: townRegion(town) };
  }

  pickPlace(random: Random): { id: string; name: string; region: string } {
    return this.place(random.between(0, PLACE_COUNT - 1));
  }

  /** Everything is registered in the first six hours, in the order of arrival: subjects, places, devices. */
  *registrations(): Generator<Draft> {
    const { startMs, subjects, gasDevices, equipmentDevices } = this.size;
    for (let index = 0; index < subjects; index++) {
      const subject = this.subject(index, this.domainOf(index));
      const at = startMs + Math.floor((index * 5 * HOUR_MS) / subjects);
      yield registered(subject.id, at, `reg-subject-${String(index).padStart(7, '0')}`, subject.registration);
    }
    for (let number = 0; number < PLACE_COUNT; number++) {
      const { id, name, region } = this.place(number);
      const data = { kind: 'place', name, region, tags: ['农贸市场'], status: 'active' };
      yield registered(
        id,
        startMs + 5 * HOUR_MS + number,
        `reg-place-${String(number).padStart(2, '0')}`,
        data,
      );
    }
    const devices = gasDevices + equipmentDevices;
    for (let number = 0; number < devices; number++) {
      const device = number < gasDevices ? this.gasDevice(number) : this.equipmentDevice(number - gasDevices);
      const { id, name, owner, region, kind } = device;
      const tag = { 'gas-alarm': '燃气报警器', elevator: '电梯', 'cold-storage': '冷库' }[kind];
      const data = { kind: 'device', name, owner, region, tags: [tag], status: 'active', cadence: 3600 };
      const at = startMs + 5 * HOUR_MS + (1 + Math.floor((number * 50) / devices)) * MINUTE_MS;
      yield registered(id, at, `reg-device-${String(number).padStart(6, '0')}`, data);
    }
  }
}

/** The region in which several stories meet. */
export function meetingRegion(): string {
  return townRegion(MEETING_TOWN);
}

function storyTown(domain: Domain, place: number, drawn: number): number {
  if (domain === 'prepaid' || (domain === 'food' && place >= LEAKING)) return MEETING_TOWN;
  return drawn === MEETING_TOWN ? ELSEWHERE_TOWN : drawn;
}

function townRegion(town: number): string {
  return `${COUNTY_REGION}${String(town + 1).padStart(3, '0')}`;
}

function registered(subject: string, at: number, id: string, data: JsonObject): Draft {
  return draft({ id, source: SOURCES.registry, stream: 'registration', subject, time: at, at, data });
}
