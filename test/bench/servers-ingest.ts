// The ingest side of the benchmark on servers: takes a topic whose times are those of the workload, and says what it took.
import { firstRules } from '../../src/app/distributed/first-rules.js';
import { openServerStores } from '../../src/app/distributed/server-stores.js';
import { Taking } from '../../src/app/distributed/taking.js';
import { kafkaAccess } from '../../src/app/kafka-access.js';
import type { Log } from '../../src/app/log.js';
import { loadRulesAt } from '../../src/app/named-rules.js';
import { openRawFeed, readRawTopics, type RawFeed } from '../../src/app/raw-topics.js';
import { readWholeServers } from '../../src/app/servers-file.js';
import { StoredRules } from '../../src/app/stored-rules.js';
import type { Feed } from '../../src/ports/feed.js';
import { calibrate } from './calibration.js';
import { WORKLOAD_START_MS } from './workload.js';

const [config = '', rulesDir = '', events = '0', endMs = '0'] = process.argv.slice(2);
/** Records that arrive at one instant. */
const TOGETHER = 500;
const failures: unknown[] = [];
const log: Log = {
  info: () => undefined,
  warn: () => undefined,
  error: (fields) => failures.push(fields),
  failure: (_stage, error) => failures.push(error),
};
const calibrationMs = calibrate();
const clock = { now: WORKLOAD_START_MS - 1_000 };
const servers = await readWholeServers(config);
const stores = await openServerStores(servers, null, { log, now: () => clock.now });
const { rules, files } = await loadRulesAt(rulesDir);
await firstRules(stores, new StoredRules(stores.values), { rules, files, now: () => clock.now });
const topics = await readRawTopics(servers.raw);
let taken = 0;
let done: () => void = () => undefined;
const finished = new Promise<void>((resolve) => (done = resolve));
/** Time is that of the records; a tick of it comes before what arrives. */
function timed(raw: RawFeed): RawFeed {
  return {
    skipped: () => raw.skipped(),
    feed: { ...feedOf(raw.feed), readUpTo: (now) => now },
    take: async (batch) => {
      // What arrives at one instant is of less than an hour: readings are refused that come later.
      for (let from = 0; from < batch.records.length; from += TOGETHER) {
        const records = batch.records.slice(from, from + TOGETHER);
        clock.now = Math.max(clock.now, records[records.length - 1]?.timestamp ?? 0);
        await taking.ticker.run(clock.now);
        await raw.take({ ...batch, records });
      }
      taken += batch.records.length;
      if (taken >= Number(events)) done();
    },
  };
}

function feedOf(feed: Feed): Omit<Feed, 'readUpTo'> {
  return {
    start: (hear) => feed.start(hear),
    lag: () => feed.lag(),
    pause: () => feed.pause(),
    resume: () => feed.resume(),
    close: () => feed.close(),
  };
}

const taking: Taking = new Taking({
  // Time is that of the workload for everybody.
  stores: { ...stores, clock: () => Promise.resolve(clock.now) },
  now: () => clock.now,
  log,
  probe: () => undefined,
  inboxClock: () => clock.now,
  onAppended: () => undefined,
  tracing: null,
  openRaw: (intake) =>
    timed(openRawFeed({ access: kafkaAccess(servers), topics, intake, now: () => clock.now })),
  needs: [],
});
const before = process.cpuUsage();
const begun = performance.now();
await taking.start();
await finished;
const { user, system } = process.cpuUsage(before);
const wallMs = performance.now() - begun;
// Up to the end of the workload, and past it, so that every stratum leaves its last instant.
for (const at of [Number(endMs), Number(endMs) + 1_000, Number(endMs) + 2_000]) await taking.ticker.run(at);
const refused = [...taking.intake.refused].map(([code, count]) => `${code} ${count}`);
await taking.stop();
await stores.close();
if (refused.length > 0 || failures.length > 0) {
  throw new Error(`refused: ${refused.join(', ')}; failures: ${failures.map(String).join(', ')}`);
}
const peakRssBytes = process.resourceUsage().maxRSS * 1024;
console.log(JSON.stringify({ cpuUs: user + system, wallMs, peakRssBytes, calibrationMs }));
