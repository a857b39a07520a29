// infra/kubernetes: whether kustomize builds it, Kubernetes' own types take it, and what it says of the processes holds together.
import { Command } from 'commander';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HEALTH_ENDPOINTS } from '../../src/adapters/http/routes.js';
import { readTopics } from '../../src/app/kafka-topics.js';
import { ROLES } from '../../src/app/distributed/roles.js';
import { readWholeServers } from '../../src/app/servers-file.js';
import { projectFolder, version } from '../../src/app/version.js';
import { register } from '../../src/commands/run.js';
import { buildGo, goRuns } from '../support/go.js';

const run = promisify(execFile);
const FOLDER = join(projectFolder(), 'infra', 'kubernetes');
const PROGRAM = join(projectFolder(), 'test', 'infra', 'manifests');
const hasGo = await goRuns('the manifests of Kubernetes');

interface Labelled {
  readonly matchLabels: Readonly<Record<string, string>>;
}
interface Container {
  readonly image: string;
  readonly args: readonly string[];
  readonly resources: { readonly requests: object; readonly limits: { readonly memory: string } };
  readonly securityContext: object;
  readonly envFrom: readonly { readonly secretRef: { readonly name: string } }[];
  readonly startupProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly lifecycle?: { readonly preStop: { readonly exec: { readonly command: readonly string[] } } };
}
interface Probe {
  readonly httpGet: { readonly path: string };
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: {
    readonly replicas?: number;
    readonly selector: Labelled & Readonly<Record<string, unknown>>;
    readonly podSelector: Labelled;
    readonly policyTypes: readonly string[];
    readonly scaleTargetRef: { readonly name: string };
    readonly minReplicas: number;
    readonly maxReplicas: number;
    readonly maxUnavailable: number;
    readonly unhealthyPodEvictionPolicy: string;
    readonly template: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly containers: readonly [Container];
        readonly securityContext: object;
        readonly automountServiceAccountToken: boolean;
        readonly terminationGracePeriodSeconds?: number;
        readonly volumes: readonly { readonly configMap?: { readonly name: string } }[];
      };
    };
  };
}

let scratch = '';
let manifests: readonly Manifest[] = [];

async function build(folder: string): Promise<{ manifests: Manifest[]; faults: string[] }> {
  const { stdout } = await run(join(scratch, 'manifests'), [folder], { maxBuffer: 16 * 1024 * 1024 });
  return JSON.parse(stdout) as { manifests: Manifest[]; faults: string[] };
}

const ofKind = (kind: string) => manifests.filter((one) => one.kind === kind);
const deployments = () => ofKind('Deployment');
const container = ({ spec }: Manifest) => spec.template.spec.containers[0];
const selects = ({ matchLabels }: Labelled, { spec }: Manifest) =>
  Object.entries(matchLabels).every(([name, value]) => spec.template.metadata.labels[name] === value);
const option = (manifest: Manifest, name: string) =>
  container(manifest)
    .args.filter((word) => word.startsWith(`--${name}=`))
    .map((word) => word.slice(name.length + 3));

// Go compiles the libraries of kustomize and Kubernetes once for a machine, which takes a minute and a half.
beforeAll(async () => {
  if (!hasGo) return;
  scratch = await mkdtemp(join(tmpdir(), 'fenghuo-manifests-'));
  await buildGo(PROGRAM, join(scratch, 'manifests'));
  manifests = (await build(join(FOLDER, 'city'))).manifests;
}, 600_000);
afterAll(() => rm(scratch, { recursive: true, force: true }));

describe.runIf(hasGo)('infra/kubernetes', () => {
  it('is built by kustomize, and every field of it is one of the API', async () => {
    expect((await build(join(FOLDER, 'base'))).faults).toEqual([]);
    expect((await build(join(FOLDER, 'city'))).faults).toEqual([]);
    expect(new Set(manifests.map(({ metadata }) => metadata.namespace))).toEqual(new Set(['fenghuo']));
  });

  it('names a field that does not exist', async () => {
    const copy = join(scratch, 'faulty');
    await cp(FOLDER, copy, { recursive: true });
    const process = join(copy, 'base', 'process.yaml');
    await writeFile(process, (await readFile(process, 'utf8')).replace('readinessProbe', 'readyProbe'));
    expect((await build(join(copy, 'city'))).faults[0]).toContain('readyProbe');
  });

  it('runs every role, with options that the command has, two of each, under the image of this version', () => {
    const roles = deployments().flatMap((one) => option(one, 'roles').flatMap((list) => list.split(',')));
    expect([...roles].sort()).toEqual([...ROLES].sort());
    const program = new Command();
    register(program);
    const known = new Set(program.commands[0]?.options.map(({ long }) => long));
    const scaled = new Map(
      ofKind('HorizontalPodAutoscaler').map((one) => [one.spec.scaleTargetRef.name, one.spec]),
    );
    for (const one of deployments()) {
      // A figure beside an autoscaler would put its pods back with each apply.
      const scaler = scaled.get(one.metadata.name);
      expect([one.spec.replicas, scaler?.minReplicas]).toEqual(
        scaler === undefined ? [2, undefined] : [undefined, 2],
      );
      expect(container(one).image).toBe(`registry.example.gov.cn/fenghuo:${version()}`);
      expect(container(one).args[0]).toBe('run');
      const options = container(one).args.slice(1);
      expect(options.filter((word) => !known.has(word.split('=')[0]))).toEqual([]);
      expect(option(one, 'names')).toContain('$(POD_IP)');
      const serves = option(one, 'roles')[0]?.split(',').includes('http') === true;
      expect(option(one, 'metrics-port')).toEqual(serves ? [] : ['8080']);
    }
  });

  it('asks each process whether it lives and whether it is ready, and lets it end in its time', () => {
    const paths = HEALTH_ENDPOINTS.map(({ path }) => path);
    for (const one of deployments()) {
      const { startupProbe, livenessProbe, readinessProbe } = container(one);
      expect(startupProbe?.httpGet.path).toBe('/healthz');
      expect(livenessProbe?.httpGet.path).toBe('/healthz');
      expect(readinessProbe?.httpGet.path).toBe('/readyz');
      expect(paths).toEqual(expect.arrayContaining(['/healthz', '/readyz']));
      const { terminationGracePeriodSeconds: grace = 0 } = one.spec.template.spec;
      const waits = Number(container(one).lifecycle?.preStop.exec.command[1] ?? 0);
      expect(grace - waits).toBeGreaterThanOrEqual(15);
      const serves = option(one, 'roles')[0]?.split(',').includes('http') === true;
      expect([one.metadata.name, waits > 0]).toEqual([one.metadata.name, serves]);
    }
  });

  it('gives the processes no rights and bounds their memory', () => {
    for (const one of [...deployments(), ...ofKind('Job')]) {
      const { securityContext, automountServiceAccountToken } = one.spec.template.spec;
      expect(securityContext).toMatchObject({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      expect(automountServiceAccountToken).toBe(false);
      expect(container(one).securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      });
      expect(container(one).resources.limits.memory).toMatch(/^\d+[MG]i$/);
      expect(container(one).resources.requests).toMatchObject({ memory: expect.any(String) as string });
    }
  });

  it('keeps one of each up where a node is emptied', () => {
    for (const one of deployments()) {
      const budgets = ofKind('PodDisruptionBudget').filter(({ spec }) => selects(spec.selector, one));
      expect(
        budgets.map(({ spec }) => [spec.maxUnavailable, spec.unhealthyPodEvictionPolicy]),
        one.metadata.name,
      ).toEqual([[1, 'AlwaysAllow']]);
    }
  });

  it('scales what exists, evaluate no further than there are partitions', async () => {
    const { logs } = await readTopics();
    const scaled = new Map(
      ofKind('HorizontalPodAutoscaler').map((one) => [one.spec.scaleTargetRef.name, one]),
    );
    expect([...scaled.keys()].sort()).toEqual(['fenghuo-evaluate', 'fenghuo-ingest']);
    for (const name of scaled.keys()) {
      expect(deployments().map(({ metadata }) => metadata.name)).toContain(name);
    }
    expect(scaled.get('fenghuo-evaluate')?.spec.maxReplicas).toBe(logs.events.partitions);
  });

  it('closes the network, but for what is named', () => {
    const policies = ofKind('NetworkPolicy');
    const pods = [...deployments(), ...ofKind('Job')];
    const [closed, ...open] = policies;
    expect(closed?.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'] });
    expect(closed?.spec).not.toHaveProperty('ingress');
    expect(closed?.spec).not.toHaveProperty('egress');
    for (const pod of pods) expect(closed && selects(closed.spec.podSelector, pod)).toBe(true);
    for (const { spec, metadata } of open) {
      expect(
        pods.some((pod) => selects(spec.podSelector, pod)),
        metadata.name,
      ).toBe(true);
      expect(JSON.stringify(spec)).not.toMatch(/0\.0\.0\.0\/0|192\.0\.2|198\.51\.100/);
    }
    const [service] = ofKind('Service');
    const served = deployments().filter((one) =>
      selects({ matchLabels: (service?.spec.selector ?? {}) as Record<string, string> }, one),
    );
    expect(served.map(({ metadata }) => metadata.name)).toEqual(['fenghuo-ingest']);
  });

  it('holds no secret, and mounts a file of servers that can be read as Kubernetes mounts it', async () => {
    expect(ofKind('Secret')).toEqual([]);
    const [config] = ofKind('ConfigMap');
    for (const one of [...deployments(), ...ofKind('Job')]) {
      const mounted = one.spec.template.spec.volumes.flatMap(({ configMap }) => configMap?.name ?? []);
      expect(mounted).toEqual([config?.metadata.name]);
      expect(container(one).envFrom.map(({ secretRef }) => secretRef.name)).toEqual(['fenghuo-secrets']);
    }
    // Files of a mounted ConfigMap are links into a folder that is changed for another one at a time.
    const mount = join(scratch, 'mount');
    await mkdir(mount);
    await cp(join(FOLDER, 'city'), join(mount, '..2026'), { recursive: true });
    await symlink('..2026', join(mount, '..data'));
    const file = join(mount, '..2026', 'servers.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('/etc/fenghuo', mount));
    for (const name of Object.keys(config?.data ?? {})) await symlink(`..data/${name}`, join(mount, name));
    for (const name of ['FENGHUO_KAFKA_PASSWORD', 'FENGHUO_REDIS_PASSWORD', 'FENGHUO_CLICKHOUSE_PASSWORD']) {
      vi.stubEnv(name, 'a-word');
    }
    const servers = await readWholeServers(join(mount, 'servers.yaml'));
    vi.unstubAllEnvs();
    expect(servers).toMatchObject({ prefix: 'fenghuo', data: '/var/lib/fenghuo' });
  });
});
