// node dist/test/bench/codec.js: what it costs to write the state of a key to bytes and to read it again.
import { Engine } from '../../src/engine/engine.js';
import { decodeKeyState, encodeKeyState } from '../../src/engine/key-codec.js';
import { MemoryKeyStore, planFor, type KeyState } from '../../src/engine/key-state.js';
import { parseCloudEvent, stamp } from '../../src/events/envelope.js';
import { benchRules } from './rules.js';
import { DAY_MS, lineOf, Workload, WORKLOAD_START_MS, type Fact } from './workload.js';

const MINUTE_MS = 60_000;
const ROUNDS = 300;
const CALLS = 1_000;

function engineOver(store: MemoryKeyStore): Engine {
  const rules = benchRules({ windowDays: null, models: 6 });
  return new Engine(rules, { namespace: 'bench', partition: 0, store, emit: () => undefined });
}

function step(engine: Engine, fact: Fact, offset: number): void {
  const parsed = parseCloudEvent(JSON.parse(lineOf(fact)));
  const stamped = parsed.ok ? stamp(parsed.event, fact.at) : parsed;
  if (!stamped.ok) throw new Error(stamped.message);
  engine.step(stamped.event, offset);
}

/** Ten events in four windows, and two models with a warning and a timer. */
function typicalKey(): { state: KeyState; engine: Engine } {
  const store = new MemoryKeyStore();
  const engine = engineOver(store);
  for (let index = 0; index < 10; index++) {
    const at = WORKLOAD_START_MS + index * 531 * MINUTE_MS + 17_123 * index;
    const isInspection = index % 3 === 0;
    const fact: Fact = {
      index: 700_000 + index * 7_919,
      stream: isInspection ? 'inspection' : 'complaint',
      subject: 4,
      time: at - 7_654_321 - index * 1_234,
      at,
      amount: 0,
      department: index % 2,
      failed: index === 0,
    };
    step(engine, fact, 700_000 + index * 7_919);
  }
  engine.end();
  return { state: store.all[0] as KeyState, engine };
}

/** Ns a call, the least of many short rounds: other work on the machine only ever adds. */
function nanoseconds(action: (turn: number) => void): number {
  let least = Infinity;
  for (let round = 0; round < ROUNDS; round++) {
    const started = process.hrtime.bigint();
    for (let call = 0; call < CALLS; call++) action(round * CALLS + call);
    least = Math.min(least, Number(process.hrtime.bigint() - started) / CALLS);
  }
  return least;
}

/** How many events a key knows, which stay rows where they are. */
function eventsOf(state: KeyState): number {
  return state.few === null ? state.known.size : state.few.size;
}

function measure(title: string, states: readonly KeyState[], engine: Engine): void {
  const { plan, ledgers } = engine.context;
  const encoded = states.map((state) => ({ key: state.key, bytes: encodeKeyState(state) }));
  const count = states.length;
  let sink = 0;
  const encode = nanoseconds((turn) => {
    sink += encodeKeyState(states[turn % count] as KeyState).length;
  });
  const decode = nanoseconds((turn) => {
    const { key, bytes } = encoded[turn % count] as { key: string; bytes: Uint8Array };
    const read = decodeKeyState(key, bytes, { plan: planFor(plan, key), ledgers });
    sink += eventsOf(read);
    read.few?.release();
  });
  const bytes = encoded.reduce((total, one) => total + one.bytes.length, 0) / encoded.length;
  const events = states.reduce((total, state) => total + eventsOf(state), 0) / states.length;
  if (sink === 0) throw new Error('nothing was measured');
  console.log(
    `${title}: ${events.toFixed(1)} known events, ${bytes.toFixed(0)} B a key, ` +
      `encode ${(encode / 1000).toFixed(2)} us, decode ${(decode / 1000).toFixed(2)} us`,
  );
}

function main(): void {
  const typical = typicalKey();
  let [windows, timers] = [0, 0];
  typical.state.eachWindow(() => windows++);
  for (const { due } of typical.state.modelStates) if (due !== Infinity) timers++;
  console.log(`typical: ${windows} windows, ${timers} timers`);
  measure('typical key', [typical.state], typical.engine);

  const events = 240_000;
  const workload = new Workload({ events, subjects: 24_000, days: 60, creditChanges: true });
  const store = new MemoryKeyStore();
  const engine = engineOver(store);
  for (let offset = 0, fact = workload.next(); fact !== undefined; fact = workload.next()) {
    step(engine, fact, offset++);
  }
  engine.step({ kind: 'tick', at: WORKLOAD_START_MS + 60 * DAY_MS }, events);
  measure('keys of the benchmark', store.all, engine);
  const least = store.all.filter((state) => eventsOf(state) <= 16);
  measure('those of at most 16 events', least, engine);
}

main();
