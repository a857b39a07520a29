// The paths as OpenAPI 3.1 (https://spec.openapis.org/oas/v3.1.1), made of their descriptions.
import { z } from 'zod';
import { ACT_SCHEMA } from '../../events/act.js';
import { CODES, type Code } from '../../events/codes.js';
import { ENVELOPE_SCHEMA } from '../../events/envelope-schema.js';
import { WARNING, WARNING_DETAIL } from './answers.js';
import { JSON_TYPES, PAGE_TYPE, RIGHTS, type Answered, type Endpoint } from './endpoints.js';

type Plain = { readonly [name: string]: unknown };
type Codes = { readonly [status: number]: readonly Code[] };

/** What any path may answer. */
const ANY: Codes = {
  400: ['HTTP_REQUEST'],
  403: ['HTTP_HOST', 'HTTP_ORIGIN'],
  408: ['HTTP_TIMEOUT'],
  429: ['HTTP_RATE'],
  431: ['HTTP_HEADERS'],
  500: ['HTTP_INTERNAL'],
  503: ['HTTP_STOPPING', 'HTTP_OVERDUE', 'HTTP_STORE'],
};
const GUARDED: Codes = { 401: ['HTTP_TOKEN'], 403: ['HTTP_FORBIDDEN'] };
const CAUGHT_UP: Codes = { 503: ['HTTP_CATCHING_UP'] };

/** Schemas that stand once and are referred to. */
const COMPONENTS = z.registry<{ id: string }>();
COMPONENTS.add(ENVELOPE_SCHEMA, { id: 'Event' });
COMPONENTS.add(ACT_SCHEMA, { id: 'Action' });
COMPONENTS.add(WARNING, { id: 'Warning' });
COMPONENTS.add(WARNING_DETAIL, { id: 'WarningDetail' });

/** The codes that a path may answer, by status. */
export function refusalsOf({ right, caughtUp, refusals }: Endpoint): Codes {
  const sets = [ANY, ...(right === null ? [] : [GUARDED]), ...(caughtUp ? [CAUGHT_UP] : []), refusals];
  const all: { [status: number]: Code[] } = {};
  for (const set of sets) {
    for (const [status, codes] of Object.entries(set)) (all[Number(status)] ??= []).push(...codes);
  }
  return all;
}

/** The document. */
export function openApi(endpoints: readonly Endpoint[]): Plain {
  const paths: { [path: string]: { [method: string]: Plain } } = {};
  for (const endpoint of endpoints) {
    (paths[endpoint.path] ??= {})[endpoint.method.toLowerCase()] = operationOf(endpoint);
  }
  const { schemas } = z.toJSONSchema(COMPONENTS, { io: 'input', uri: refOf });
  return {
    openapi: '3.1.1',
    info: {
      title: '烽火 Fenghuo',
      version: '1',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      description:
        '跨部门综合监管风险监测预警。Where no token was ever given, paths that ask for one take none, and a ' +
        'Fenghuo-Department header names the department to act for. HEAD goes with each GET.',
    },
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, bare(schema)])),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'from fenghuo token add' },
        login: { type: 'apiKey', in: 'cookie', name: '__Host-fenghuo', description: 'from POST /login' },
      },
    },
  };
}

function operationOf(endpoint: Endpoint): Plain {
  const { path, says, right, query, headers, body } = endpoint;
  const pathId = {
    name: 'id',
    in: 'path',
    required: true,
    schema: { type: 'string', pattern: '^[0-9a-f]{32}$' },
  };
  const parameters = [
    ...(path.includes('{id}') ? [pathId] : []),
    ...parametersOf('query', query),
    ...parametersOf('header', headers),
  ];
  const scheme = endpoint.page === true ? 'login' : 'token';
  return {
    summary: says,
    ...(right === null
      ? { security: [] }
      : {
          security: [{ [scheme]: [] }],
          description: `Right ${right}: ${RIGHTS[right].join(', ')}.`,
          'x-right': right,
          'x-roles': RIGHTS[right],
        }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: Object.fromEntries(
              Object.entries(body).map(([type, schema]) => [type, { schema: schemaOf(schema) }]),
            ),
          },
        }),
    responses: responsesOf(endpoint),
  };
}

function parametersOf(place: 'query' | 'header', schema: z.ZodObject | undefined): Plain[] {
  return Object.entries(schema?.shape ?? {}).map(([name, field]) => ({
    name,
    in: place,
    schema: schemaOf(field as z.ZodType),
  }));
}

function responsesOf(endpoint: Endpoint): Plain {
  const responses: { [status: string]: { description: string; headers?: Plain; content?: Plain } } = {};
  for (const [status, answered] of Object.entries<Answered>(endpoint.answers)) {
    responses[status] = {
      description: answered.says,
      ...(Number(status) === 303 ? { headers: { Location: { schema: { type: 'string' } } } } : {}),
      ...(answered.type === null
        ? {}
        : {
            content: {
              [answered.type]:
                answered.schema === undefined
                  ? { schema: { type: 'string' } }
                  : { schema: schemaOf(answered.schema) },
            },
          }),
    };
  }
  for (const [status, codes] of Object.entries(refusalsOf(endpoint))) {
    const known = responses[status];
    const text = codes.map((code) => `${code}: ${CODES[code]}`).join('\n\n');
    responses[status] = {
      description: known === undefined ? text : `${known.description}\n\n${text}`,
      ...(status === '429' || status === '503'
        ? { headers: { 'Retry-After': { schema: { type: 'string' } } } }
        : {}),
      content:
        endpoint.page === true
          ? { [PAGE_TYPE]: { schema: { type: 'string' } } }
          : {
              [JSON_TYPES.json]: {
                schema: alternatives(known?.content, refusalSchema(endpoint, Number(status), codes)),
              },
            },
    };
  }
  return responses;
}

/** Where a status is both an answer and a refusal, as 503 of /readyz, it may be either. */
function alternatives(content: Plain | undefined, refusal: Plain): Plain {
  const answered = content?.[JSON_TYPES.json] as { schema: Plain } | undefined;
  return answered === undefined ? refusal : { anyOf: [answered.schema, refusal] };
}

function refusalSchema({ refusalFields }: Endpoint, status: number, codes: readonly Code[]): Plain {
  const error = z.strictObject({ code: z.enum(codes as [Code, ...Code[]]), message: z.string() });
  return schemaOf(z.strictObject({ error, ...refusalFields?.[status] }));
}

/** A schema with those of the components as references. */
function schemaOf(schema: z.ZodType): Plain {
  const id = COMPONENTS.get(schema)?.id;
  if (id !== undefined) return { $ref: refOf(id) };
  return bare(
    z.toJSONSchema(schema, {
      io: 'input',
      override: ({ zodSchema, jsonSchema }) => {
        const known = COMPONENTS.get(zodSchema as unknown as z.ZodType)?.id;
        if (known === undefined) return;
        for (const name of Object.keys(jsonSchema)) delete (jsonSchema as Record<string, unknown>)[name];
        jsonSchema.$ref = refOf(known);
      },
    }),
  );
}

function refOf(id: string): string {
  return `#/components/schemas/${id}`;
}

/** Without what says which schema it is: in the document its place does. */
function bare(schema: object): Plain {
  const { $schema: _dialect, $id: _id, ...rest } = schema as { $schema?: unknown; $id?: unknown };
  return rest;
}
