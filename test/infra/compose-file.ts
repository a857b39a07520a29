// What stands in infra/compose.yaml, as strictly as this project writes it: a key that is not here is a mistake.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectFolder } from '../../src/app/version.js';

export const COMPOSE_FILE = join(projectFolder(), 'infra', 'compose.yaml');
export const COMPOSE_FOLDER = dirname(COMPOSE_FILE);

const text = z.string().min(1);
const duration = z.string().regex(/^([1-9]\d*(h|m|s|ms|us))+$/, 'a duration of the compose specification');
const bytes = z.string().regex(/^[1-9]\d*[kmg]b?$/, 'a number of bytes with its unit');
/** Docker starts the words of CMD themselves, and the one of CMD-SHELL by a shell. */
const probe = z.union([z.tuple([z.literal('CMD'), text], text), z.tuple([z.literal('CMD-SHELL'), text])]);
const healthcheck = z.union([
  z.strictObject({ disable: z.literal(true) }),
  z.strictObject({
    test: probe,
    interval: duration,
    timeout: duration,
    retries: z.int().min(1),
    start_period: duration,
  }),
]);
const condition = z.enum(['service_started', 'service_healthy', 'service_completed_successfully']);

const SERVICE = z.strictObject({
  profiles: z.array(z.enum(['distributed', 'observability', 'demo'])).min(1),
  // The repository, a tag of at least two numbers, nothing that moves.
  image: z
    .string()
    .regex(/^[a-z0-9]+(?:[/._-][a-z0-9]+)*:v?\d+\.\d+\.[\w.-]+$/, 'an image with a pinned tag'),
  build: z
    .strictObject({ context: text, dockerfile: text, target: z.literal('embedded').optional() })
    .optional(),
  entrypoint: z.array(text).min(1).optional(),
  command: z.array(text).min(1).optional(),
  user: z
    .string()
    .regex(/^[1-9]\d*:[1-9]\d*$/, 'no root')
    .optional(),
  environment: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string()).optional(),
  volumes: z.array(z.string().regex(/^[\w./-]+:\/[\w./-]+(:ro)?$/, 'from:to')).min(1),
  networks: z.array(text).min(1),
  ports: z.array(z.string().regex(/^127\.0\.0\.1:\d+:\d+$/, 'bound to the loopback')).optional(),
  secrets: z.array(text).optional(),
  depends_on: z.record(text, z.strictObject({ condition })).optional(),
  healthcheck: healthcheck.optional(),
  restart: z.enum(['no', 'always', 'on-failure', 'unless-stopped']),
  stop_grace_period: duration,
  logging: z.strictObject({
    driver: z.literal('local'),
    options: z.strictObject({ 'max-size': bytes, 'max-file': z.string().regex(/^[1-9]$/) }),
  }),
  mem_limit: bytes,
  ulimits: z.record(text, z.int()).optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(text).optional(),
  cap_drop: z.array(z.literal('ALL')).optional(),
  security_opt: z.array(z.literal('no-new-privileges:true')).length(1),
});

const COMPOSE = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]*$/),
  services: z.record(z.string().regex(/^[a-zA-Z0-9._-]+$/), SERVICE),
  networks: z.record(text, z.strictObject({ internal: z.boolean().optional() })),
  volumes: z.record(text, z.strictObject({})),
  // A secret has no value here: it is taken from the environment or a file outside the repository.
  secrets: z.record(text, z.strictObject({ environment: text })),
});

export type Service = z.output<typeof SERVICE>;
export type Compose = z.output<typeof COMPOSE>;

/** Reads a compose file. @throws where it is not as the schema says */
export function readCompose(content: string): Compose {
  const parsed = parse(content, { merge: true }) as Record<string, unknown>;
  const extensions = Object.keys(parsed).filter((key) => key.startsWith('x-'));
  for (const key of extensions) delete parsed[key];
  return COMPOSE.parse(parsed);
}

/**
 * A compose file with its variables replaced, as Docker does it: in all services, whatever the profile.
 * @throws where it asks for a variable that is not there
 */
export function interpolate(compose: Compose, env: Readonly<Record<string, string>>): Compose {
  const reviver = (_key: string, value: unknown) =>
    typeof value === 'string' ? replaced(value, env) : value;
  return JSON.parse(JSON.stringify(compose), reviver) as Compose;
}

function replaced(value: string, env: Readonly<Record<string, string>>): string {
  const variable = /\$(?:(\$)|\{([A-Z_]+)(?::([-?])([^}]*))?\})?/g;
  return value.replace(variable, (_whole, dollar?: string, name?: string, sign?: string, word = '') => {
    if (dollar !== undefined) return '$';
    if (name === undefined) throw new Error(`${value}: a $ that begins no variable`);
    const given = env[name] ?? '';
    if (given !== '') return given;
    if (sign === '-') return word as string;
    throw new Error(`${name}: ${sign === '?' ? word : 'is not set'}`);
  });
}

export function composeText(): string {
  return readFileSync(COMPOSE_FILE, 'utf8');
}

/** The repository and the tag of a service's image. */
export function imageOf(service: string): { readonly name: string; readonly tag: string } {
  const [name = '', tag = ''] = (readCompose(composeText()).services[service]?.image ?? '').split(':');
  if (tag === '') throw new Error(`compose.yaml has no image of ${service}`);
  return { name, tag };
}
