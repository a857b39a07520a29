// What a soak says: whether memory stayed flat, nothing waited, and how long an alert took.

/** What was seen of the running program at one instant. */
export interface Sample {
  /** Since the first event, s. */
  readonly second: number;
  /** Resident memory of the program without files, the pages of files that it has mapped, and memory of the warehouse beside it. */
  readonly ownBytes: number;
  readonly mappedBytes: number;
  readonly warehouseBytes: number;
  readonly heapBytes: number;
  /** Records that wait for evaluate. */
  readonly lagRecords: number;
}

/** A message of a warning's change in an inbox. */
export interface SeenAlert {
  /** Since the first event, s. */
  readonly second: number;
  /** From the instant at which the level changed to the message, ms. */
  readonly ms: number;
}

export interface Soak {
  /** Events a second that were asked for. */
  readonly rate: number;
  /** Events that the program took, and those that it refused for good. */
  readonly accepted: number;
  readonly rejected: number;
  /** How long they were sent, s. */
  readonly seconds: number;
  /** How much of that belongs to the warm-up, s: code is compiled, the cache of keys and the windows fill. */
  readonly warmUp: number;
  readonly alerts: readonly SeenAlert[];
  readonly samples: readonly Sample[];
}

export interface Growth {
  /** Medians of the first and of the last third after the warm-up. */
  readonly before: number;
  readonly after: number;
  /** 0.05 is 5 %. */
  readonly share: number;
}

export interface Verdict {
  readonly memory: Growth;
  /** Grows with the files of the store: the system keeps of them what it has room for. */
  readonly mapped: Growth;
  readonly heap: Growth;
  readonly warehouse: Growth;
  readonly mostLag: number;
  /** After the warm-up. */
  readonly alerts: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** What was promised and not kept, in words; none where all was. */
  readonly faults: readonly string[];
}

const FLAT = 0.05;
/** Records that may wait at an instant: what arrives within this time. */
const LAG_S = 5;
/** The rate was held where so much of it was taken. */
const HELD = 0.98;

/** @throws RangeError for fewer than three samples after the warm-up, of which nothing can be said */
export function verdictOf(soak: Soak): Verdict {
  const warm = soak.samples.filter(({ second }) => second >= soak.warmUp);
  if (warm.length < 3) throw new RangeError(`${warm.length} samples are too few; let it run longer`);
  const memory = growthOf(warm.map(({ ownBytes }) => ownBytes));
  const mostLag = Math.max(...warm.map(({ lagRecords }) => lagRecords));
  // At its beginning a county is registered, and all licences that have run out are warned of at once.
  const alerts = soak.alerts.filter(({ second }) => second >= soak.warmUp);
  const spans = alerts.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share: number) => spans[Math.min(spans.length - 1, Math.floor(share * spans.length))] ?? NaN;
  const taken = soak.accepted / soak.seconds;
  const faults = [
    ...(memory.share > FLAT ? [`memory grew by ${percent(memory.share)} after the warm-up`] : []),
    ...(mostLag > soak.rate * LAG_S ? [`${mostLag} records waited`] : []),
    ...(soak.rejected > 0 ? [`${soak.rejected} events were refused`] : []),
    ...(taken < soak.rate * HELD ? [`${taken.toFixed(0)} events/s were taken, not ${soak.rate}`] : []),
    ...(spans.length === 0 ? ['no alert was seen'] : []),
  ];
  return {
    memory,
    mapped: growthOf(warm.map(({ mappedBytes }) => mappedBytes)),
    heap: growthOf(warm.map(({ heapBytes }) => heapBytes)),
    warehouse: growthOf(warm.map(({ warehouseBytes }) => warehouseBytes)),
    mostLag,
    alerts: spans.length,
    p50Ms: at(0.5),
    p99Ms: at(0.99),
    faults,
  };
}

function growthOf(values: readonly number[]): Growth {
  const third = Math.floor(values.length / 3);
  const [before, after] = [medianOf(values.slice(0, third)), medianOf(values.slice(-third))];
  return { before, after, share: after / before - 1 };
}

function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

/** The verdict as lines for a terminal. */
export function verdictLines(soak: Soak, verdict: Verdict): string[] {
  const grown = (name: string, { before, after, share }: Growth) =>
    `${name.padEnd(12)} ${megabytes(before)} then ${megabytes(after)} (${share < 0 ? '' : '+'}${percent(share)})`;
  return [
    `${soak.accepted} events in ${soak.seconds.toFixed(0)} s, ${(soak.accepted / soak.seconds).toFixed(0)} a second, ${soak.rejected} refused`,
    grown('memory', verdict.memory),
    grown('mapped', verdict.mapped),
    grown('live heap', verdict.heap),
    grown('warehouse', verdict.warehouse),
    `waiting      at most ${verdict.mostLag} records`,
    `to an alert  p50 ${verdict.p50Ms.toFixed(0)} ms, p99 ${verdict.p99Ms.toFixed(0)} ms, of ${verdict.alerts}`,
    ...verdict.faults.map((fault) => `FAULT: ${fault}`),
  ];
}
