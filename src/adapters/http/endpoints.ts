// Every path of the front: who may ask, with what, and what is answered. Routes are made of it, and /v1/openapi.json too.
import { z } from 'zod';
import { ACT_SCHEMA, ROLES, type Role } from '../../events/act.js';
import type { Code } from '../../events/codes.js';
import { ENVELOPE_SCHEMA } from '../../events/envelope-schema.js';
import { MODELS_ORDER_SCHEMA } from '../../events/models-order.js';
import { ERASURE_SCHEMA, PERSONAL_ROLES, PERSONAL_SCHEMA } from '../../events/personal-access.js';
import { SILENCE_SCHEMA } from '../../events/silence.js';
import { WITHHELD_QUERY_SCHEMA } from '../../events/withheld.js';
import {
  AUDIT,
  EVENTS_TAKEN,
  HEALTH,
  PERSONAL,
  READINESS,
  SILENCE,
  SILENCES,
  TAKEN,
  WARNINGS,
  WARNING_DETAIL,
  WITHHELD_PAGE,
} from './answers.js';
import { QUEUE, REPORT } from './figures.js';
import { MODELS, MODELS_CHANGED } from './models-answers.js';

/** What can be asked for, and by which roles. */
export const RIGHTS = {
  'send-events': ['department', 'lead', 'operator'],
  'read-warnings': ROLES,
  act: ['department', 'lead'],
  silence: ['lead', 'operator'],
  reveal: PERSONAL_ROLES,
  erase: ['operator'],
  'read-metrics': ['operator', 'auditor'],
  'read-audit': ['operator', 'auditor'],
  'read-models': ['author', 'operator', 'auditor'],
  'change-models': ['operator'],
} as const satisfies { readonly [right: string]: readonly Role[] };
export type Right = keyof typeof RIGHTS;

export const JSON_TYPES = {
  event: 'application/cloudevents+json',
  batch: 'application/cloudevents-batch+json',
  json: 'application/json',
  lines: 'application/x-ndjson',
} as const;
export const FORM_TYPE = 'application/x-www-form-urlencoded';
export const PAGE_TYPE = 'text/html';

/** An answer: JSON of a schema, or a text of another type; null where there is no body. */
export interface Answered {
  readonly says: string;
  readonly type: string | null;
  readonly schema?: z.ZodType;
}

export interface Endpoint {
  readonly method: 'GET' | 'POST';
  /** As OpenAPI writes it, for example /v1/warnings/{id}. */
  readonly path: string;
  readonly says: string;
  /** Null where nobody is asked who he is. */
  readonly right: Right | null;
  /** Whether its answers are for people. */
  readonly page?: true;
  /** Whether it waits for the start to have caught up. */
  readonly caughtUp: boolean;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: { readonly [type: string]: z.ZodType };
  readonly answers: { readonly [status: number]: Answered };
  /** Refusals of its own, beside those that many share. */
  readonly refusals: { readonly [status: number]: readonly Code[] };
  /** Further fields of a refusal, by status. */
  readonly refusalFields?: { readonly [status: number]: z.ZodRawShape };
}

const json = (says: string, schema: z.ZodType): Answered => ({ says, type: JSON_TYPES.json, schema });
const offset = z.int().min(0).max(1_000_000).default(0);
const limit = z.int().min(1).max(500).default(50);
export const DEPARTMENT_ID = /^[a-z][a-z0-9-]{0,63}$/;
const department = z
  .string()
  .regex(DEPARTMENT_ID)
  .optional()
  .describe(
    'only what is open and what this department takes part in; a caller of a department sees its own',
  );

const envelope = ENVELOPE_SCHEMA.describe('a CloudEvent 1.0; `data` by the schema of its type');
const PAGED: { readonly [status: number]: readonly Code[] } = { 400: ['HTTP_PARAMETER'] };
const ONE: { readonly [status: number]: readonly Code[] } = {
  400: ['HTTP_PARAMETER'],
  404: ['HTTP_NOT_FOUND'],
};

export const API = {
  sendEvents: {
    method: 'POST',
    path: '/v1/events',
    says: 'Sends events, compressed with gzip or zstd if wanted. 202 says what became of each, also where all are refused.',
    right: 'send-events',
    caughtUp: true,
    body: {
      [JSON_TYPES.event]: envelope,
      [JSON_TYPES.batch]: z.array(envelope),
      [JSON_TYPES.json]: z.union([envelope, z.array(envelope)]),
      [JSON_TYPES.lines]: z.string().describe('one CloudEvent a line'),
    },
    answers: { 202: json('Accepted events are on the disk.', TAKEN) },
    refusals: {
      400: [
        'HTTP_PARAMETER',
        'HTTP_BODY_EMPTY',
        'HTTP_BODY_NOT_UTF8',
        'COMPRESSION_DAMAGED',
        'BODY_NOT_JSON',
        'EVENT_ENVELOPE',
      ],
      413: ['BODY_TOO_LARGE'],
      415: ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_ENCODING'],
      429: ['HTTP_BUSY'],
      503: ['HTTP_BUSY'],
    },
    refusalFields: {
      400: z.object(EVENTS_TAKEN).partial().shape,
      413: z.object(EVENTS_TAKEN).partial().shape,
    },
  },
  warnings: {
    method: 'GET',
    path: '/v1/warnings',
    says: 'Lists the warnings that the caller may read, gravest and newest first.',
    right: 'read-warnings',
    caughtUp: true,
    query: z.object({ department, offset, limit }),
    answers: { 200: json('A page of warnings.', WARNINGS) },
    refusals: PAGED,
  },
  warning: {
    method: 'GET',
    path: '/v1/warnings/{id}',
    says: 'Shows one warning with all that was done to it, its evidence, and what the caller may do.',
    right: 'read-warnings',
    caughtUp: true,
    answers: { 200: json('The warning.', WARNING_DETAIL) },
    refusals: ONE,
  },
  evidence: {
    method: 'GET',
    path: '/v1/warnings/{id}/evidence',
    says: 'Gives the bundle of evidence of a warning, up to the last seal; `fenghuo verify` checks it offline.',
    right: 'read-warnings',
    caughtUp: true,
    answers: { 200: json('The bundle; src/evidence/bundle.schema.json describes it.', z.looseObject({})) },
    refusals: {
      ...ONE,
      409: ['EVIDENCE_LIMIT', 'EVIDENCE_FORMER'],
      503: ['EVIDENCE_UNSEALED'],
    },
  },
  act: {
    method: 'POST',
    path: '/v1/warnings/{id}/actions',
    says: 'Takes an action on a warning. The same Idempotency-Key with the same action again changes nothing and is answered alike.',
    right: 'act',
    caughtUp: true,
    headers: z.object({
      'Idempotency-Key': z
        .string()
        .regex(/^[\x21-\x7e]{1,128}$/)
        .optional()
        .describe('names the action among those of the account'),
    }),
    body: { [JSON_TYPES.json]: ACT_SCHEMA },
    answers: { 200: json('The warning after it.', WARNING_DETAIL) },
    refusals: {
      400: ['HTTP_PARAMETER', 'HTTP_BODY', 'HTTP_BODY_EMPTY', 'HTTP_BODY_NOT_UTF8', 'BODY_NOT_JSON'],
      403: ['ACTION_FORBIDDEN'],
      404: ['HTTP_NOT_FOUND'],
      409: ['ACTION_ILLEGAL', 'ACTION_LIMIT'],
      413: ['BODY_TOO_LARGE'],
      415: ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_ENCODING'],
      422: ['ACTION_INVALID', 'ACTION_KEY'],
      429: ['HTTP_BUSY'],
    },
    refusalFields: Object.fromEntries(
      [403, 409, 422].map((status) => [status, { allowed: z.array(z.string()).optional() }]),
    ),
  },
  withheld: {
    method: 'GET',
    path: '/v1/withheld',
    says: 'Lists what departments were not told at once, and why, newest first, of what the caller may read.',
    right: 'read-warnings',
    caughtUp: true,
    query: WITHHELD_QUERY_SCHEMA.extend({ limit }),
    answers: { 200: json('A page; it may be short, or empty, and not the last.', WITHHELD_PAGE) },
    refusals: PAGED,
  },
  silences: {
    method: 'GET',
    path: '/v1/silences',
    says: 'Lists the silences that were ordered and have not ended.',
    right: 'read-warnings',
    caughtUp: true,
    answers: { 200: json('The silences.', SILENCES) },
    refusals: PAGED,
  },
  orderSilence: {
    method: 'POST',
    path: '/v1/silences',
    says: 'Orders a silence: what it matches is withheld until it ends, and told then where it still stands.',
    right: 'silence',
    caughtUp: true,
    body: { [JSON_TYPES.json]: SILENCE_SCHEMA },
    answers: { 201: json('The silence.', SILENCE) },
    refusals: {
      400: ['HTTP_PARAMETER', 'HTTP_BODY', 'HTTP_BODY_EMPTY', 'HTTP_BODY_NOT_UTF8', 'BODY_NOT_JSON'],
      403: ['SILENCE_FORBIDDEN'],
      409: ['SILENCE_LIMIT'],
      413: ['BODY_TOO_LARGE'],
      415: ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_ENCODING'],
      422: ['SILENCE_INVALID'],
      429: ['HTTP_BUSY'],
    },
  },
  endSilence: {
    method: 'POST',
    path: '/v1/silences/{id}/end',
    says: 'Ends a silence before its time.',
    right: 'silence',
    caughtUp: true,
    answers: { 204: { says: 'It has ended.', type: null } },
    refusals: { ...ONE, 403: ['SILENCE_FORBIDDEN'] },
  },
  personal: {
    method: 'POST',
    path: '/v1/personal',
    says: 'Shows the clear value behind a pseudonym that a warning shows, to who may, for a purpose; it is audited.',
    right: 'reveal',
    caughtUp: true,
    body: { [JSON_TYPES.json]: PERSONAL_SCHEMA },
    answers: { 200: json('The value.', PERSONAL) },
    refusals: {
      400: [
        'HTTP_PARAMETER',
        'HTTP_BODY',
        'HTTP_BODY_EMPTY',
        'HTTP_BODY_NOT_UTF8',
        'BODY_NOT_JSON',
        'PERSONAL_PURPOSE',
      ],
      403: ['PERSONAL_FORBIDDEN'],
      404: ['HTTP_NOT_FOUND'],
      410: ['PERSONAL_ERASED'],
      413: ['BODY_TOO_LARGE'],
      415: ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_ENCODING'],
      429: ['HTTP_BUSY'],
    },
  },
  erasure: {
    method: 'POST',
    path: '/v1/personal/erase',
    says: 'Erases a clear value for good, by its pseudonym or as the person gives it; warnings and evidence stay; it is audited.',
    right: 'erase',
    caughtUp: true,
    body: { [JSON_TYPES.json]: ERASURE_SCHEMA },
    answers: { 204: { says: 'It can never be read again.', type: null } },
    refusals: {
      400: ['HTTP_PARAMETER', 'HTTP_BODY', 'HTTP_BODY_EMPTY', 'HTTP_BODY_NOT_UTF8', 'BODY_NOT_JSON'],
      403: ['PERSONAL_FORBIDDEN'],
      404: ['HTTP_NOT_FOUND'],
      409: ['PERSONAL_HELD'],
      413: ['BODY_TOO_LARGE'],
      415: ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_ENCODING'],
    },
  },
  queue: {
    method: 'GET',
    path: '/v1/queue',
    says: 'Ranks the open warnings that wait for a department, says why, and marks those that fit the week.',
    right: 'read-warnings',
    caughtUp: true,
    query: z.object({
      department: z.string().regex(DEPARTMENT_ID).optional().describe('whose; of the caller where not named'),
      offset,
      limit,
    }),
    answers: { 200: json('The queue.', QUEUE) },
    refusals: ONE,
  },
  report: {
    method: 'GET',
    path: '/v1/report',
    says: 'Adds up what came of the warnings that the caller may read, by model and by department.',
    right: 'read-warnings',
    caughtUp: true,
    answers: { 200: json('The report.', REPORT) },
    refusals: PAGED,
  },
  audit: {
    method: 'GET',
    path: '/v1/audit',
    says: 'Reads the audit log from an offset on, oldest first; who is limited to a region gets of each page what was done to its warnings, and what he did himself.',
    right: 'read-audit',
    caughtUp: true,
    query: z.object({ offset, limit }),
    answers: { 200: json('A page of the audit log.', AUDIT) },
    refusals: PAGED,
  },
  models: {
    method: 'GET',
    path: '/v1/models',
    says: 'Says which rules run, which come, and every change so far: who, when, why, and what it changed.',
    right: 'read-models',
    caughtUp: true,
    answers: { 200: json('The rules.', MODELS) },
    refusals: PAGED,
  },
  changeModels: {
    method: 'POST',
    path: '/v1/models',
    says: 'Brings other rules in, by their files or as a former revision; they are checked first. It is audited.',
    right: 'change-models',
    caughtUp: true,
    body: { [JSON_TYPES.json]: MODELS_ORDER_SCHEMA },
    answers: { 200: json('They are announced, or in force already.', MODELS_CHANGED) },
    refusals: {
      400: ['HTTP_PARAMETER', 'HTTP_BODY', 'HTTP_BODY_EMPTY', 'HTTP_BODY_NOT_UTF8', 'BODY_NOT_JSON'],
      409: ['MODELS_BUSY'],
      413: ['BODY_TOO_LARGE'],
      415: ['HTTP_CONTENT_TYPE', 'HTTP_CONTENT_ENCODING'],
      422: ['FILES_INVALID', 'MODELS_UNKNOWN', 'RULES_CHANGED'],
      429: ['HTTP_BUSY'],
    },
    refusalFields: { 422: { faults: z.array(z.string()).optional() } },
  },
  openapi: {
    method: 'GET',
    path: '/v1/openapi.json',
    says: 'Describes the paths: this document.',
    right: null,
    caughtUp: false,
    answers: { 200: json('OpenAPI 3.1.', z.looseObject({ openapi: z.literal('3.1.1') })) },
    refusals: PAGED,
  },
  healthz: {
    method: 'GET',
    path: '/healthz',
    says: 'Says that the process is alive.',
    right: null,
    caughtUp: false,
    answers: { 200: json('It is.', HEALTH) },
    refusals: {},
  },
  readyz: {
    method: 'GET',
    path: '/readyz',
    says: 'Says whether everything is ready, or what is waited for.',
    right: null,
    caughtUp: false,
    answers: { 200: json('All is ready.', READINESS), 503: json('Something is not.', READINESS) },
    refusals: {},
  },
  metrics: {
    method: 'GET',
    path: '/metrics',
    says: 'Prometheus text exposition.',
    right: 'read-metrics',
    caughtUp: false,
    answers: { 200: { says: 'The metrics.', type: 'text/plain' } },
    refusals: {},
  },
} as const satisfies { readonly [name: string]: Endpoint };

/** Methods by path, for what no route takes. HEAD goes with each GET. */
export function allowOf(path: string, endpoints: readonly Endpoint[]): string | null {
  const methods = endpoints
    .filter((endpoint) => patternOf(endpoint.path).test(path))
    .map(({ method }) => (method === 'GET' ? 'GET, HEAD' : method));
  return methods.length === 0 ? null : methods.join(', ');
}

function patternOf(path: string): RegExp {
  const [before = '', after = ''] = path.split('{id}');
  const id = path.includes('{id}') ? '[0-9a-f]{32}' : '';
  return new RegExp(`^${escaped(before)}${id}${escaped(after)}$`);
}

function escaped(text: string): string {
  return text.replace(/[.]/g, '\\.');
}
