// infra/compose.yaml: whether it is a compose file, holds together, and keeps to itself what others may not see.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import { readTopics } from '../../src/app/kafka-topics.js';
import { ROLES } from '../../src/app/distributed/roles.js';
import { readWholeServers } from '../../src/app/servers-file.js';
import { projectFolder, version } from '../../src/app/version.js';
import {
  COMPOSE_FILE,
  COMPOSE_FOLDER,
  composeText,
  imageOf,
  interpolate,
  readCompose,
  type Service,
} from './compose-file.js';

const SECRETS = ['FENGHUO_REDIS_PASSWORD', 'FENGHUO_CLICKHOUSE_PASSWORD'];
const content = composeText();
const compose = readCompose(content);
const services = Object.entries(compose.services);
const own = services.filter(([, { image }]) => image.startsWith('fenghuo:'));
const running = own.filter(([, { command }]) => command?.[0] === 'run');

/** The value of an option as the commands here write it. */
const option = ({ command = [] }: Service, name: string) =>
  command.find((word) => word.startsWith(`--${name}=`))?.slice(name.length + 3);
const hasDocker = spawnSync('docker', ['compose', 'version']).status === 0;

afterEach(() => vi.unstubAllEnvs());

describe.runIf(hasDocker)('docker compose', () => {
  const config = (env: Record<string, string>) =>
    spawnSync('docker', ['compose', '-f', COMPOSE_FILE, '--profile', '*', 'config', '--quiet'], {
      env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
      encoding: 'utf8',
    });

  it('takes the file, also without the passwords of profiles that are not asked for', () => {
    expect(config({ FENGHUO_METRICS_TOKEN: 'a-word' })).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('infra/compose.yaml', () => {
  it('has the servers and every role in the profile distributed, evaluate twice', () => {
    const roles = running.flatMap(([, service]) => option(service, 'roles')?.split(',') ?? []);
    expect(new Set(roles)).toEqual(new Set(ROLES));
    expect(roles.filter((role) => role === 'evaluate')).toHaveLength(2);
    const distributed = services.filter(([, { profiles }]) => profiles[0] === 'distributed');
    expect(distributed.map(([name]) => name)).toEqual(
      expect.arrayContaining(['kafka', 'redis', 'clickhouse']),
    );
    expect(own.every(([, { profiles }]) => profiles[0] === 'distributed')).toBe(true);
  });

  it('names only services, networks, volumes and secrets that exist, in no circle', () => {
    for (const [name, { depends_on: needs = {}, networks, secrets = [], profiles }] of services) {
      for (const [need, { condition }] of Object.entries(needs)) {
        const needed = compose.services[need];
        expect(needed?.profiles, `${name} needs ${need}`).toEqual(profiles);
        expect(condition === 'service_completed_successfully').toBe(needed?.restart === 'no');
      }
      expect(networks.filter((network) => compose.networks[network] === undefined)).toEqual([]);
      expect(secrets.filter((secret) => compose.secrets[secret] === undefined)).toEqual([]);
    }
    const before = (name: string): string[] =>
      Object.keys(compose.services[name]?.depends_on ?? {}).flatMap((need) => [need, ...before(need)]);
    expect(services.filter(([name]) => before(name).includes(name))).toEqual([]);
    const named = services.flatMap(([, { volumes }]) => volumes.filter((one) => !one.startsWith('.')));
    const used = named.map((volume) => volume.split(':')[0] ?? '');
    expect(new Set(used)).toEqual(new Set(Object.keys(compose.volumes)));
  });

  it('mounts files of the repository for reading alone, each of which is there', () => {
    const mounts = services.flatMap(([, { volumes }]) => volumes.filter((one) => one.startsWith('.')));
    expect(mounts.length).toBeGreaterThan(0);
    for (const mount of mounts) {
      const [from = '', , mode] = mount.split(':');
      expect(existsSync(join(COMPOSE_FOLDER, from)), from).toBe(true);
      expect(mode, mount).toBe('ro');
    }
    for (const [, { build }] of own) {
      expect(join(COMPOSE_FOLDER, build?.context ?? '')).toBe(projectFolder());
      expect(existsSync(join(COMPOSE_FOLDER, build?.context ?? '', build?.dockerfile ?? ''))).toBe(true);
    }
  });

  it('checks the health of everything that stays, the processes by their image', () => {
    for (const [name, { healthcheck, restart, build }] of services) {
      const isChecked = healthcheck === undefined ? build !== undefined : 'test' in healthcheck;
      expect(isChecked, name).toBe(restart !== 'no');
    }
  });

  it('holds no secret: each comes from the environment', () => {
    const secret = /PASSWORD|SECRET|TOKEN|_KEY$/;
    const values = services.flatMap(([, { environment = {} }]) => Object.entries(environment));
    const secrets = values.filter(([name]) => secret.test(name));
    expect(secrets.length).toBeGreaterThan(0);
    for (const [name, value] of secrets) expect(value, name).toMatch(/^\$\{FENGHUO_[A-Z_]+:-\}$/);
    const commands = services.flatMap(([, { command = [], entrypoint = [] }]) => [...entrypoint, ...command]);
    expect(commands.filter((word) => /(?<!\$)\$\{|--requirepass/.test(word))).toEqual([]);
  });

  it.each([
    ['distributed', 'README.md', 'compose --profile distributed up -d'],
    ['observability', 'README.md', 'compose --profile distributed --profile observability up -d'],
    ['demo', 'infra/grafana/README.md', 'compose --profile demo up -d'],
  ] as const)('has in the profile %s all that its services need from what %s sets', (profile, file, up) => {
    const documentation = readFileSync(join(projectFolder(), file), 'utf8');
    const blocks = documentation.split(/^```/m);
    const [before = ''] = blocks.find((one) => one.includes(up))?.split(up) ?? [];
    const names = [...before.matchAll(/^export .*$/gm)].flatMap(
      ([line]) => line.match(/FENGHUO_\w+(?==)/g) ?? [],
    );
    const env = Object.fromEntries(names.map((name) => [name, 'a-word']));
    const read = interpolate(compose, env);
    const started = Object.entries(read.services).filter(([, { profiles }]) => profiles.includes(profile));
    expect(started.length).toBeGreaterThan(1);
    const needed = started.flatMap(([, { secrets = [] }]) =>
      secrets.map((name) => read.secrets[name]?.environment),
    );
    expect(needed.filter((name) => name === undefined || env[name] === undefined)).toEqual([]);
    for (const [name, { environment = {} }] of started) {
      const empty = Object.keys(environment).filter((variable) => environment[variable] === '');
      expect([name, empty]).toEqual([name, []]);
    }
  });

  it.each([
    ['redis', 'REDIS_PASSWORD', 'FENGHUO_REDIS_PASSWORD'],
    ['clickhouse', 'CLICKHOUSE_PASSWORD', 'FENGHUO_CLICKHOUSE_PASSWORD'],
    ['grafana', 'GF_SECURITY_ADMIN_PASSWORD', 'FENGHUO_GRAFANA_ADMIN_PASSWORD'],
    ['grafana-demo', 'GF_SECURITY_ADMIN_PASSWORD', 'FENGHUO_GRAFANA_ADMIN_PASSWORD'],
  ])('starts no %s without its password', (name, variable, said) => {
    const { entrypoint, command = [] } = interpolate(compose, {}).services[name] ?? {};
    const [shell, option, script = ''] = entrypoint ?? command;
    expect([shell, option, script]).toEqual(['sh', '-c', expect.stringContaining('\nexec ')]);
    const start = (password: string) =>
      spawnSync('sh', ['-c', script.replace(/^exec [^]*/m, 'echo started')], {
        env: { PATH: process.env['PATH'], [variable]: password },
        encoding: 'utf8',
      });
    const refused = start('');
    expect([refused.status === 0, refused.stdout]).toEqual([false, '']);
    expect(refused.stderr).toContain(`set ${said} to a password of your own`);
    expect(start('a-word')).toMatchObject({ status: 0, stdout: 'started\n' });
  });

  it('lets nobody in but this machine, and the servers neither in nor out', () => {
    expect(compose.networks['servers']).toEqual({ internal: true });
    for (const [name, { ports, networks }] of services) {
      if (ports !== undefined) expect(networks, name).toContain('front');
    }
    for (const name of ['kafka', 'redis', 'clickhouse']) {
      expect(compose.services[name]?.networks).toEqual(['servers']);
      expect(compose.services[name]?.ports).toBeUndefined();
    }
    // A Host of another port than its own is refused as a foreign name.
    const served = compose.services['ingest']?.ports ?? [];
    expect(served.map((port) => port.split(':')[1] === port.split(':')[2])).toEqual([true]);
  });

  it('gives the processes no rights, a root that they cannot write, and more than ten seconds to end', () => {
    for (const [name, service] of own) {
      expect(service, name).toMatchObject({
        image: `fenghuo:${version()}`,
        read_only: true,
        cap_drop: ['ALL'],
        stop_grace_period: '20s',
      });
    }
  });

  it('runs each process under the name by which Prometheus asks it, and shows pages in one alone', () => {
    for (const [name, service] of running) {
      const serves = option(service, 'roles')?.split(',').includes('http') === true;
      expect(option(service, 'names')).toBe(name);
      expect(option(service, 'metrics-port'), name).toBe(serves ? undefined : '8080');
    }
    const links = running.flatMap(([, service]) => option(service, 'public-url') ?? []);
    expect(new Set(links)).toEqual(new Set(['http://ingest:8080']));
    expect(links).toHaveLength(2);
  });

  it.each([
    ['prometheus', 'prometheus.yaml', running.map(([name]) => name)],
    ['prometheus-demo', 'prometheus-demo.yaml', ['demo']],
  ])(
    'has %s ask the processes that run beside it, and no others, which would be alerts',
    (name, file, asked) => {
      const [job, ...others] = scrapeJobs(file);
      expect(others).toEqual([]);
      expect(Object.keys(job ?? {}).filter((key) => key.endsWith('_configs'))).toEqual(['static_configs']);
      const targets = job?.static_configs.flatMap((one) => one.targets) ?? [];
      expect([...targets].sort()).toEqual(asked.map((one) => `${one}:8080`).sort());
      const [secret = ''] = compose.services[name]?.secrets ?? [];
      expect(job?.authorization.credentials_file).toBe(`/run/secrets/${secret}`);
    },
  );

  it('refuses what would be wrong in it', () => {
    const faulty = (from: string | RegExp, to: string) => () => readCompose(content.replace(from, to));
    expect(faulty('', '')).not.toThrow();
    expect(faulty('redis:7.2.5', 'redis:latest')).toThrow('pinned');
    expect(faulty('redis:7.2.5', 'redis')).toThrow('pinned');
    expect(faulty('127.0.0.1:8080:8080', '8080:8080')).toThrow('loopback');
    expect(faulty('read_only: true', 'privileged: true')).toThrow('privileged');
    expect(faulty('[CMD, wget', '[wget')).toThrow();
    expect(faulty('interval: 10s', 'interval: 10')).toThrow('interval');
    expect(faulty("user: '999:999'", "user: '0:0'")).toThrow('root');
    expect(faulty('service_healthy', 'healthy')).toThrow();
    expect(faulty(/ {4}logging: \*logging\n/, '')).toThrow('logging');
    expect(faulty('{ environment: FENGHUO_METRICS_TOKEN }', '{ file: ./token }')).toThrow();
  });
});

interface ScrapeJob {
  readonly authorization: { readonly credentials_file: string };
  readonly static_configs: readonly { readonly targets: readonly string[] }[];
}

function scrapeJobs(name: string): readonly ScrapeJob[] {
  const file = readFileSync(join(COMPOSE_FOLDER, 'prometheus', name), 'utf8');
  return (parse(file) as { readonly scrape_configs: readonly ScrapeJob[] }).scrape_configs;
}

describe('the files for it', () => {
  it('name the servers as the services are called, with the passwords that the services have', async () => {
    for (const name of SECRETS) vi.stubEnv(name, `value of ${name}`);
    const servers = await readWholeServers(join(COMPOSE_FOLDER, 'compose-servers.yaml'));
    const hosts = [...servers.kafka.brokers, ...servers.redis.nodes, new URL(servers.clickhouse.url).host];
    for (const host of hosts) expect(compose.services[host.split(':')[0] ?? '']).toBeDefined();
    expect([servers.redis.password, servers.clickhouse.password]).toEqual(
      SECRETS.map((name) => `value of ${name}`),
    );
    const { CLICKHOUSE_USER, CLICKHOUSE_DB } = compose.services['clickhouse']?.environment ?? {};
    expect(servers.clickhouse).toMatchObject({ username: CLICKHOUSE_USER, database: CLICKHOUSE_DB });
    for (const [, { volumes }] of own) expect(volumes).toContain(`fenghuo:${servers.data}`);
  });

  it('start no process where a password is empty', async () => {
    for (const missing of SECRETS) {
      for (const name of SECRETS) vi.stubEnv(name, name === missing ? '' : 'a-word');
      await expect(readWholeServers(join(COMPOSE_FOLDER, 'compose-servers.yaml'))).rejects.toMatchObject({
        code: 'CHANNEL_SECRET',
        message: expect.stringContaining(missing) as string,
      });
    }
  });

  it('make topics that one broker can hold, the same ones as on three', async () => {
    const one = await readTopics(join(COMPOSE_FOLDER, 'kafka', 'topics-one-broker.yaml'));
    const three = await readTopics();
    expect(one).toMatchObject({ replication: 1, min_in_sync: 1 });
    for (const [name, { retention_days: days }] of Object.entries(three.logs)) {
      expect(Object.entries(one.logs).find(([other]) => other === name)?.[1].retention_days).toBe(days);
    }
    expect(one.logs.events.partitions).toBe(one.logs.verdicts.partitions);
    const command = compose.services['topics']?.command ?? [];
    expect(command).toContain('infra/kafka/topics-one-broker.yaml');
    expect(imageOf('kafka').tag).toMatch(/^4\./);
  });
});
