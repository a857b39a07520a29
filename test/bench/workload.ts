// The benchmark's workload: events of five streams in the order of arrival, the same for the same options.
import { usccCheckCharacter } from '../../src/events/identifiers.js';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

export type BenchStream = 'complaint' | 'sensor-reading' | 'inspection' | 'penalty' | 'credit-change';

export interface WorkloadOptions {
  readonly events: number;
  /** Subjects there are; with few events a part of them stays silent. */
  readonly subjects: number;
  /** Span of the arrivals. */
  readonly days: number;
  /** So many events arrive at one instant, that of the last of them; 1 where it is not given. */
  readonly together?: number;
  /** Whether the 5 % of credit changes are there; without them complaints take their place. */
  readonly creditChanges: boolean;
}

/** What one event says, before it is put into words. Instants are epoch ms. */
export interface Fact {
  readonly index: number;
  readonly stream: BenchStream;
  /** Rank of the subject, or of the owner of the device; 0 is the busiest. */
  readonly subject: number;
  readonly time: number;
  readonly at: number;
  /** Amount of a penalty in yuan, value of a reading; else 0. */
  readonly amount: number;
  readonly department: number;
  /** Result of an inspection. */
  readonly failed: boolean;
}

export const WORKLOAD_START_MS = Date.UTC(2026, 0, 1);
/** The first ranks are alike, so that the busiest of 100,000 subjects has 0.26 % of the events, not 8 %. */
const ZIPF_OFFSET = 50;
const SEED = 20_260_101;
const READINGS_A_BURST = 12;
const READING_EVERY_MS = 10 * MINUTE_MS;
const DEPARTMENTS = 9;

interface Burst {
  readonly subject: number;
  readonly due: number;
  readonly left: number;
}

/** Draws facts one after the other. */
export class Workload {
  private index = 0;
  private state = SEED;
  /** Devices that are sending, by the instant of their next reading; the interval is one, so a queue does. */
  private bursts: Burst[] = [];
  private firstBurst = 0;
  /** Facts that arrive together, the last first. */
  private waiting: Fact[] = [];

  constructor(private readonly options: WorkloadOptions) {}

  /** The instant at which the run ends. */
  get end(): number {
    return WORKLOAD_START_MS + this.options.days * DAY_MS;
  }

  /** The next fact, or undefined after the last. */
  next(): Fact | undefined {
    const { together = 1 } = this.options;
    if (together === 1) return this.draw();
    if (this.waiting.length === 0) {
      for (let fact = this.draw(); fact !== undefined; fact = this.draw()) {
        if (this.waiting.push(fact) === together) break;
      }
      const at = this.waiting[this.waiting.length - 1]?.at ?? NaN;
      this.waiting = this.waiting.map((fact) => ({ ...fact, at })).reverse();
    }
    return this.waiting.pop();
  }

  private draw(): Fact | undefined {
    const { events, days } = this.options;
    if (this.index >= events) return undefined;
    const index = this.index++;
    const at = WORKLOAD_START_MS + Math.floor(((index + this.random()) * days * DAY_MS) / events);
    const draw = this.random();
    if (draw < 0.4) return this.complaint(index, at);
    if (draw < 0.7) return this.reading(index, at);
    if (draw < 0.9) return this.inspection(index, at);
    if (draw < 0.95) return this.penalty(index, at);
    return this.options.creditChanges ? this.creditChange(index, at) : this.complaint(index, at);
  }

  private complaint(index: number, at: number): Fact {
    return this.fact(index, 'complaint', this.subject(), at, 12 * HOUR_MS * this.random() ** 3);
  }

  private inspection(index: number, at: number): Fact {
    const fact = this.fact(index, 'inspection', this.subject(), at, 2 * DAY_MS * this.random() ** 3);
    return { ...fact, failed: this.random() < 0.2 };
  }

  private penalty(index: number, at: number): Fact {
    const fact = this.fact(index, 'penalty', this.subject(), at, 10 * DAY_MS * this.random() ** 2);
    return { ...fact, amount: 500 * (1 + Math.floor(200 * this.random() ** 3)) };
  }

  private creditChange(index: number, at: number): Fact {
    return this.fact(index, 'credit-change', this.subject(), at, DAY_MS * this.random());
  }

  private reading(index: number, at: number): Fact {
    const first = this.bursts[this.firstBurst];
    const going = first !== undefined && first.due <= at;
    const subject = going ? first.subject : this.subject();
    const left = going ? first.left - 1 : READINGS_A_BURST - 1;
    if (going) this.firstBurst++;
    if (left > 0) this.bursts.push({ subject, due: at + READING_EVERY_MS, left });
    if (this.firstBurst > 10_000) {
      this.bursts = this.bursts.slice(this.firstBurst);
      this.firstBurst = 0;
    }
    const usual = 30 + ((subject * 7919) % 25);
    const value = Math.round((usual + 20 * (this.random() - 0.5)) * 10) / 10;
    return { ...this.fact(index, 'sensor-reading', subject, at, MINUTE_MS * this.random()), amount: value };
  }

  private fact(index: number, stream: BenchStream, subject: number, at: number, delayMs: number): Fact {
    const department = Math.floor(this.random() * DEPARTMENTS);
    return {
      index,
      stream,
      subject,
      time: at - Math.floor(delayMs),
      at,
      amount: 0,
      department,
      failed: false,
    };
  }

  /** A rank with probability about 1 / (rank + offset), by the inverse of the integral. */
  private subject(): number {
    const { subjects } = this.options;
    const rank = ZIPF_OFFSET * ((subjects + ZIPF_OFFSET) / ZIPF_OFFSET) ** this.random() - ZIPF_OFFSET;
    return Math.min(subjects - 1, Math.floor(rank));
  }

  /** Mulberry32: uniform in [0, 1). */
  private random(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}

/** The unified social credit code of a subject. */
export function subjectId(subject: number): string {
  const first17 = `91110108${String(subject).padStart(8, '0')}A`;
  return first17 + (usccCheckCharacter(first17) ?? '');
}

export function deviceId(subject: number): string {
  return `gas-meter-${String(subject).padStart(8, '0')}`;
}

export function departmentId(department: number): string {
  return `department-${department}`;
}

const CATEGORIES = ['食品过期变质', '燃气气味异常', '电梯困人', '预付卡不退费', '油烟扰民', '虚假宣传'];
const CONTENTS = [
  '店内销售的熟食已过保质期三天，要求退款并查处。',
  '夜间楼道内闻到明显燃气味，物业未派人处理。',
  '承诺随时退卡，现门店关门，电话无人接听。',
];

/** The fact as one line of NDJSON, a CloudEvent in structured JSON, without the line break. */
export function lineOf(fact: Fact): string {
  const id = `${fact.stream.slice(0, 2)}-${String(fact.index).padStart(8, '0')}`;
  const isReading = fact.stream === 'sensor-reading';
  return JSON.stringify({
    specversion: '1.0',
    id,
    source: isReading ? '/iot/gas' : '/12345/haidian',
    type: `fenghuo.${fact.stream}`,
    subject: isReading ? deviceId(fact.subject) : subjectId(fact.subject),
    time: localTime(fact.time),
    data: dataOf(fact),
  });
}

function dataOf(fact: Fact): object {
  const { index, amount } = fact;
  const department = departmentId(fact.department);
  switch (fact.stream) {
    case 'complaint':
      return {
        category: CATEGORIES[index % CATEGORIES.length],
        content: CONTENTS[index % CONTENTS.length],
        channel: '12345',
        anonymous: index % 3 === 0,
        region: '110108',
      };
    case 'sensor-reading':
      return { metric: '甲烷浓度', value: amount, unit: '%LEL', quality: 'good', region: '110108' };
    case 'inspection':
      return {
        inspection: `检〔2026〕第${index}号`,
        result: fact.failed ? 'fail' : 'pass',
        method: 'random',
        item: 'food-operation',
        problems: fact.failed ? [{ code: 'F-12', description: '台账不全', severity: 'minor' }] : [],
        department,
      };
    case 'penalty':
      return {
        document: `京海市监罚〔2026〕${index}号`,
        kind: 'fine',
        amount,
        law: '中华人民共和国食品安全法',
        article: '第一百二十四条',
        department,
      };
    case 'credit-change':
      return {
        credit: 'ABCD'[index % 4],
        kind: 'evaluation',
        reason: '季度公共信用综合评价结果更新',
        department,
      };
  }
}

function localTime(instantMs: number): string {
  return `${new Date(instantMs + 8 * HOUR_MS).toISOString().slice(0, 23)}+08:00`;
}
