// fenghuo run: embedded mode, everything in one process.
import { resolve } from 'node:path';
import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Reach } from '../app/serving.js';
import type { Summary } from '../app/summary.js';
import { ROLES, type ProcessRole } from '../app/distributed/roles.js';
import { channelsFile, defaults } from '../app/environment.js';
import { CodedError } from '../events/coded-error.js';
import { parseDateTime } from '../events/timestamp.js';

interface Options {
  readonly config?: string;
  readonly roles?: readonly ProcessRole[];
  readonly data?: string;
  readonly rules?: string;
  readonly port?: number;
  readonly metricsPort?: number;
  readonly host: string;
  readonly names?: string[];
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly behindProxy?: true;
  readonly publicUrl?: string;
  readonly requestsPerMinute?: number;
  readonly bodiesPerMinute?: number;
  readonly personalPerMinute?: number;
  readonly refusalsPerMinute?: number;
  readonly personal?: string;
  readonly channels?: string;
  readonly demo: boolean;
  readonly replay?: string[];
  readonly demoEnd?: number;
  readonly demoDays?: number;
  readonly demoSubjects?: number;
  readonly warehouse: boolean;
  readonly warehousePort?: number;
  readonly warehouseHost?: string;
  readonly seals?: string;
  readonly timestamps?: string;
  readonly once?: true;
  readonly reload?: true;
  readonly logLevel: string;
  readonly readyLag?: number;
  readonly readyClock?: number;
  readonly traces?: string;
  readonly tracesRatio?: number;
}

const NOTES = `
The first start of a data folder replays a simulated county; a later start goes on where the last one ended.
Ctrl-C ends it cleanly. It listens on this machine alone unless --host names another address; then every caller needs
a token (fenghuo token add), its --names must be given, and TLS, or a proxy that ends it.`;

export function register(program: Command): void {
  const command = program
    .command('run')
    .description(
      'ingest, evaluate, alert, archive and HTTP: embedded in one process, or on servers in any number',
    )
    .option('-d, --data <dir>', 'the data folder (FENGHUO_DATA; default: data)')
    .option('-r, --rules <dir>', 'the rules folder (default: rules)')
    .option('-p, --port <number>', 'the HTTP port, 0 for any free one (FENGHUO_PORT; default: 8080)', portOf);
  addTraces(addWarehouse(addSeals(addReach(addServers(command)))))
    .option(
      '-c, --channels <file>',
      'ways to departments besides their inbox files, YAML (FENGHUO_CHANNELS; default: none)',
    )
    .option('--personal <file>', 'who may see clear personal values, and for what, YAML; default: nobody')
    .option('--no-demo', 'start a new data folder empty')
    .option(
      '--replay <file...>',
      'start a new data folder with these recorded events (NDJSON, .gz) and not the demo',
    )
    .option('--demo-end <instant>', 'the last simulated instant, RFC 3339; else the first start', instantOf)
    .option('--demo-days <number>', 'simulated days, 45 or more for the stories', wholeOf)
    .option('--demo-subjects <number>', 'simulated subjects', wholeOf)
    .option(
      '--reload',
      'bring the rules folder in anew when its files change, and on SIGHUP; see Other rules',
    )
    .option('--once', 'end when the replay and all that follows from it is done')
    .addOption(
      new Option('--log-level <level>', 'of the log on standard error')
        .choices(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'])
        .default('info'),
    )
    .addHelpText('after', NOTES)
    .action(async (options: Options) => {
      const given = defaults();
      if (options.config !== undefined) return runOnServers(options.config, options);
      if (options.roles !== undefined) throw new CodedError('USAGE', '--roles goes with --config.');
      if (options.metricsPort !== undefined)
        throw new CodedError('USAGE', '--metrics-port goes with --config.');
      const { run } = await import('../app/running.js');
      await run({
        dataDir: options.data ?? given.data,
        rulesDir: options.rules ?? given.rules,
        port: options.port ?? given.port,
        reach: reachOf(options),
        channels: options.channels ?? channelsFile(),
        personal: options.personal,
        replay: replayOf(options),
        warehouse: options.warehouse,
        readers: readersOf(options),
        timestamps: timestampsOf(options),
        seals: options.seals === undefined ? null : resolve(options.seals),
        once: options.once === true,
        reload: options.reload === true,
        logLevel: options.logLevel,
        ready: { lagRecords: options.readyLag, clockSeconds: options.readyClock },
        traces: tracesOf(options),
        onWarnings: (lines) => {
          for (const line of lines) console.error(line);
        },
        onSummary: (summary) => print(summary, options.replay === undefined),
        onServing: (url) => console.log(`\n正在服务 / serving: ${url}   （按 Ctrl-C 结束）`),
      });
    });
}

/** Takes up the roles of this process on the servers of a file. */
async function runOnServers(config: string, options: Options): Promise<void> {
  const given = defaults();
  const embedded = (
    [
      ...(['data', 'replay', 'demoEnd', 'demoDays', 'demoSubjects', 'once', 'reload'] as const),
      ...(['warehousePort', 'warehouseHost'] as const),
    ] as const
  ).filter((name) => options[name] !== undefined);
  if (embedded.length > 0) {
    const names = embedded.map((name) => `--${name.replace(/[A-Z]/g, (big) => `-${big.toLowerCase()}`)}`);
    throw new CodedError('USAGE', `With --config there is no ${names.join(', ')}.`);
  }
  const { runProcess } = await import('../app/distributed/running.js');
  await runProcess({
    config: resolve(config),
    roles: options.roles ?? ROLES,
    rulesDir: options.rules ?? given.rules,
    port: options.port ?? given.port,
    metricsPort: options.metricsPort ?? null,
    reach: reachOf(options),
    channels: options.channels ?? channelsFile(),
    personal: options.personal,
    timestamps: timestampsOf(options),
    seals: options.seals === undefined ? null : resolve(options.seals),
    logLevel: options.logLevel,
    ready: { lagRecords: options.readyLag, clockSeconds: options.readyClock },
    traces: tracesOf(options),
    onWarnings: (lines) => {
      for (const line of lines) console.error(line);
    },
    onServing: (url) => {
      console.log(url === null ? '已就绪 / ready' : `正在服务 / serving: ${url}   （按 Ctrl-C 结束）`);
    },
  });
}

/** On which servers it runs, and as what. */
function addServers(command: Command): Command {
  return command
    .option('--config <file>', 'run on the servers of this file (Kafka, Redis, ClickHouse) and not embedded')
    .option(
      '--roles <list>',
      `with --config, what this process does: ${ROLES.join(',')}; default: all`,
      rolesOf,
    )
    .option(
      '--metrics-port <number>',
      'with --config, a port for /healthz, /readyz and /metrics alone, whatever the roles; default: none',
      portOf,
    );
}

/** Where spans of OpenTelemetry go. */
function addTraces(command: Command): Command {
  return command
    .option(
      '--traces <url>',
      'post traces by OTLP/HTTP there, such as http://127.0.0.1:4318/v1/traces; default: none',
    )
    .option('--traces-ratio <share>', 'of warnings and requests, 0 to 1; default: 0.01', shareOf);
}

/** Who gets the seals of the evidence. */
function addSeals(command: Command): Command {
  return command
    .option('--seals <file>', 'append every seal of the evidence to this file, best on a medium of others')
    .option(
      '--timestamps <url>',
      'have seals time-stamped (RFC 3161); tokens go to the file of --seals with .stamps',
    );
}

/** Whether it has a warehouse, and who else reads that. */
function addWarehouse(command: Command): Command {
  return command
    .option('--no-warehouse', 'run without chDB')
    .option(
      '--warehouse-port <number>',
      'a port where others read the warehouse, as Grafana does; 0 for any free one; default: none',
      portOf,
    )
    .option('--warehouse-host <address>', 'the IP address of that port; default: 127.0.0.1');
}

/** How and by whom it is reached. */
function addReach(command: Command): Command {
  return command
    .option(
      '--ready-lag <records>',
      'records that may wait while /readyz says ready; default: 50000',
      wholeOf,
    )
    .option(
      '--ready-clock <seconds>',
      'how far the clock may be behind while /readyz says ready; default: 60',
      wholeOf,
    )
    .option('--host <address>', 'the IP address to listen on', '127.0.0.1')
    .option('--names <name...>', 'host names under which others reach it')
    .option('--tls-cert <file>', 'its certificate and those above it, PEM')
    .option('--tls-key <file>', 'the key of the certificate, PEM')
    .option('--behind-proxy', 'all requests come through a proxy that ends TLS and sets X-Forwarded-For')
    .option('--public-url <url>', 'how people reach the pages, for links; default: where it listens')
    .option(
      '--requests-per-minute <number>',
      'of one token, or of one address without; default: 6000',
      wholeOf,
    )
    .option('--bodies-per-minute <number>', 'the same for bodies of events; default: 120000', wholeOf)
    .option('--personal-per-minute <number>', 'the same for clear personal values; default: 10', wholeOf)
    .option('--refusals-per-minute <number>', 'the same for refused tokens and roles; default: 60', wholeOf);
}

function reachOf(options: Options): Reach {
  return {
    host: options.host,
    names: options.names ?? [],
    tlsCert: options.tlsCert ?? null,
    tlsKey: options.tlsKey ?? null,
    behindProxy: options.behindProxy === true,
    publicUrl: options.publicUrl ?? null,
    rate: {
      requestsPerMinute: options.requestsPerMinute,
      eventBodiesPerMinute: options.bodiesPerMinute,
      personalPerMinute: options.personalPerMinute,
      refusedPerMinute: options.refusalsPerMinute,
    },
  };
}

function replayOf({ demo, replay, demoEnd, demoDays, demoSubjects }: Options) {
  if (replay !== undefined) return { kind: 'files', files: replay.map((file) => resolve(file)) } as const;
  return demo ? ({ kind: 'county', end: demoEnd, days: demoDays, subjects: demoSubjects } as const) : null;
}

function timestampsOf({ seals, timestamps }: Options): string | null {
  if (timestamps === undefined) return null;
  if (seals === undefined) throw new CodedError('USAGE', '--timestamps needs --seals, where its tokens go.');
  if (!URL.canParse(timestamps) || !/^https?:$/.test(new URL(timestamps).protocol))
    throw new CodedError('USAGE', '--timestamps is the address of an authority, https://… or http://….');
  return timestamps;
}

function readersOf({ warehouse, warehousePort, warehouseHost }: Options) {
  if (warehousePort === undefined) {
    if (warehouseHost !== undefined)
      throw new CodedError('USAGE', '--warehouse-host needs --warehouse-port.');
    return null;
  }
  if (!warehouse) throw new CodedError('USAGE', '--warehouse-port does not go with --no-warehouse.');
  return { host: warehouseHost ?? '127.0.0.1', port: warehousePort };
}

function tracesOf({ traces, tracesRatio = 0.01 }: Options) {
  if (traces !== undefined) return { url: traces, ratio: tracesRatio };
  return null;
}

function shareOf(text: string): number {
  const share = Number(text);
  if (!/^[01](?:\.\d{1,6})?$/.test(text) || share > 1)
    throw new InvalidArgumentError('a share is a number from 0 to 1, such as 0.05');
  return share;
}

function rolesOf(text: string): readonly ProcessRole[] {
  const named = text.split(',').map((name) => name.trim());
  const roles = ROLES.filter((role) => named.includes(role));
  if (roles.length !== new Set(named).size || roles.length === 0)
    throw new InvalidArgumentError(`roles are some of ${ROLES.join(', ')}, with commas between`);
  return roles;
}

function portOf(text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port > 65_535)
    throw new InvalidArgumentError('a port is a number from 0 to 65535');
  return port;
}

function wholeOf(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new InvalidArgumentError('expected a whole number above 0');
  return Number(text);
}

function instantOf(text: string): number {
  const at = parseDateTime(text);
  if (at === undefined) {
    throw new InvalidArgumentError('an instant has date, time and zone, as 2026-06-30T16:00:00Z (RFC 3339)');
  }
  return at;
}

function print(summary: Summary, simulated: boolean): void {
  const { replayed, seconds, deadLetters, unmet, levels, departments, gravest, inboxDir, warehouse } =
    summary;
  console.log('烽火 Fenghuo — 跨部门综合监管风险监测预警');
  if (replayed > 0) {
    const what = simulated ? '模拟县区回放（数据均为模拟）' : '回放';
    console.log(`${what}：${replayed} 条事件，${deadLetters} 条拒收，用时 ${seconds.toFixed(1)} 秒`);
    if (unmet > 0) console.log(`  其中 ${unmet} 条撤销或更正未找到原事件（编号有误，或对象不同）`);
  } else if (summary.records <= 1) console.log('新的数据目录，尚无事件');
  else console.log(`接续已有数据：日志共 ${summary.records} 条记录`);
  console.log(`当前预警：${levels.map(({ name, count }) => `${name} ${count}`).join('  ')}`);
  console.log(`推送：${departments.map(({ name, count }) => `${name} ${count}`).join('  ') || '无'}`);
  for (const { level, name, title, raised } of gravest)
    console.log(`  ${level}  ${raised}  ${name}：${title}`);
  console.log(`收件箱：${inboxDir}/<部门>.ndjson`);
  console.log(`页面：/warnings    接口：/v1/openapi.json  POST /v1/events  /metrics`);
  if (!warehouse) console.log('数据仓库：未启用（若非 --no-warehouse，原因见上方日志）');
}
