// Where the time of a run goes: a V8 CPU profile, summed up by function over the measured spans alone.

interface ProfileNode {
  readonly id: number;
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
  readonly children?: readonly number[];
}

/** The part of a .cpuprofile that is read. */
export interface CpuProfile {
  readonly nodes: readonly ProfileNode[];
  readonly samples: readonly number[];
  /** Microseconds since the sample before. */
  readonly timeDeltas: readonly number[];
}

export interface ProfileLine {
  /** `src/engine/engine.ts step`, or the name of what V8 itself does. */
  readonly place: string;
  readonly us: number;
}

const COLLECTOR = '(garbage collector)';
/** What a run does besides, and V8's own account of time that nobody took. */
const ASIDE = new Set(['(idle)', '(program)', 'calibrate', 'bodiesOf', 'loadRules', 'outcomeIn', 'heapUsed']);

/**
 * Self time by function, most first.
 * @param within the function below which a sample counts; collections count with what they interrupted. Null for what
 *   goes on in turns that begin anywhere: then all counts but the making of the workload and the waiting
 */
export function selfTimes(profile: CpuProfile, within: string | null): ProfileLine[] {
  const places = new Map<number, string | null>();
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const visit = (node: ProfileNode, inside: boolean) => {
    const { functionName } = node.callFrame;
    const isInside = within === null ? inside && !ASIDE.has(functionName) : inside || functionName === within;
    places.set(node.id, isInside ? placeOf(node) : null);
    for (const child of node.children ?? []) {
      const next = nodes.get(child);
      if (next !== undefined) visit(next, isInside);
    }
  };
  const root = profile.nodes[0];
  if (root !== undefined) visit(root, within === null);
  const totals = new Map<string, number>();
  let inside = false;
  for (const [index, sample] of profile.samples.entries()) {
    const collecting = nodes.get(sample)?.callFrame.functionName === COLLECTOR;
    const place: string | null = collecting ? (inside ? COLLECTOR : null) : (places.get(sample) ?? null);
    if (!collecting) inside = place !== null;
    // A sample stands for the time until the next one.
    const us = profile.timeDeltas[index + 1] ?? 0;
    if (place !== null) totals.set(place, (totals.get(place) ?? 0) + us);
  }
  return [...totals].map(([place, us]) => ({ place, us })).sort((a, b) => b.us - a.us);
}

function placeOf({ callFrame }: ProfileNode): string {
  const { functionName, url } = callFrame;
  const name = functionName === '' ? '(anonymous)' : functionName;
  const ours = /\/dist\/(.*)\.js$/.exec(url);
  if (ours !== null) return `${ours[1]}.ts ${name}`;
  const library = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url);
  return library === null ? name : `${library[1]} ${name}`;
}

/** The parts that the table of the README has, in the order in which they are tried. */
const AREAS: readonly (readonly [string, RegExp])[] = [
  ['garbage collection', /^\(garbage/],
  ['JSON.parse', /^parse$|^src\/events\/body\.ts (tryParse|takeLines)/],
  [
    'bytes to text, splitting lines',
    /^src\/(events\/body|adapters\/http\/text)|^(transcode|toString|utf8Slice|ucs2Slice|slice|indexOf|trim)$/,
  ],
  ['records of the log', /^src\/(events\/codec|pipeline\/(ingest|recent-records))/],
  ['states of keys to bytes and back', /^src\/(engine\/(key-codec|codec|byte-)|pipeline\/key-cache)/],
  ['hashes', /^@noble|^src\/app\/native-hashing|^(hash|Hmac|Hash|createHmac|update|digest)$/],
  ['evidence: canonical form, chain', /^canonicalize|^src\/(evidence|pipeline\/freezer)/],
  ['seals and their index', /^src\/pipeline\/(sealing|evidence-index)/],
  [
    'JSON of internal logs',
    /^src\/pipeline\/(checkpoint|recent-log)|^(encode|decode|encodeUtf8String|encodeInto)$/,
  ],
  ['alert side', /^src\/(alerts|catalogue|pipeline\/(alert|stored-cases))|^luxon/],
  [
    'deliver, inbox files',
    /^src\/(pipeline\/deliver|adapters\/files)|^(openFileHandle|fstat|writeBuffer|close)$/,
  ],
  [
    'store (lmdb)',
    /^lmdb|^src\/adapters\/lmdb|^(FastBuffer|from|fromString|fromStringFast|copy|_copy|_copyActual|utf8Write|write)$/,
  ],
  ['loading of modules', /^node:internal\/modules|^(compile|link|evaluate|readFileUtf8)/],
  // The code that zod generates has no name and no file.
  ['schemas (zod), times', /^zod|^\(anonymous\)$|envelope-schema|^src\/events\/(streams|timestamp)/],
  ['limits of data, key, id, stamp', /^src\/events|^RegExp/],
  [
    'engine: arrival, duplicates, references',
    /^src\/engine\/(arrival|entry|key-state|known-events|late|ledger|profile-history|reference)/,
  ],
  ['engine: windows and sums', /^src\/engine\/(indicators|exact-sum|row-)/],
  ['engine: whether to evaluate', /^src\/engine\/(foresight|gate)/],
  ['engine: evaluation, levels, marks', /^src\/engine\/(evaluation|levels|context|engine)/],
  ['engine: timers', /^src\/engine\/timers/],
  ['engine: transitions and their evidence', /^src\/engine\/transition/],
  ['expressions', /^src\/model|^run$/],
];

/** Self times by area; what fits none is `other`. */
export function areas(lines: readonly ProfileLine[]): ProfileLine[] {
  const totals = new Map<string, number>([...AREAS.map(([name]) => [name, 0] as const), ['other', 0]]);
  for (const { place, us } of lines) {
    const name = AREAS.find(([, pattern]) => pattern.test(place))?.[0] ?? 'other';
    totals.set(name, (totals.get(name) ?? 0) + us);
  }
  return [...totals].map(([place, us]) => ({ place, us })).filter(({ us }) => us > 0);
}
