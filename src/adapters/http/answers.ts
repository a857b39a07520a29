// What the paths answer, as schemas: /v1/openapi.json shows them, the pages read by them, and a test holds real answers
// against them.
import { z } from 'zod';
import { ACT_SCHEMA, ACT_TYPES, FINDINGS, ROLES } from '../../events/act.js';
import { WITHHELD_REASONS } from '../../events/withheld.js';

export const instant = z.iso.datetime().describe('RFC 3339, UTC');
const local = z.string().describe('local time of the catalogue, YYYY-MM-DD hh:mm:ss');
export const level = z.enum(['none', 'blue', 'yellow', 'orange', 'red']);
export const named = z.strictObject({ id: z.string(), name: z.string().nullable() });
const WITHHELD = ['source-silent', 'muted', 'inhibited'] as const;
const hash = z.string().regex(/^[0-9a-f]{64}$/);
export const id = z.string().regex(/^[0-9a-f]{32}$/);
const figures = z.record(z.string(), z.unknown());

const legal = z.array(
  z.strictObject({ law: z.string(), article: z.string(), in_force: z.boolean().describe('on that day') }),
);

const score = z.strictObject({
  value: z.unknown(),
  lines: z.array(
    z.strictObject({
      name: z.string(),
      weight: z.number(),
      contribution: z.unknown(),
      missing: z.boolean().describe('what the line reads was null'),
    }),
  ),
});

const task = z.strictObject({
  within_workdays: z.int(),
  items: z.array(
    z.strictObject({
      id: z.string(),
      title: z.string().nullable(),
      domain: z.string().nullable(),
      lead: named.nullable(),
      cooperating: z.array(named),
      checklist: z.array(z.string()).describe('what an inspection checks'),
      legal,
    }),
  ),
  warnings: z.array(id),
  warnings_total: z.int(),
});

const draw = z.strictObject({
  digest: hash.describe('SHA-256 of the record of the draw'),
  seed: z.string(),
  tags: z.string(),
  credit: z.string(),
  place: z.int().min(1).describe('in the order of its credit class'),
  hash: hash.describe('SHA-256 of seed|subject'),
  reason: z.string(),
  departments: z.array(z.strictObject({ id: z.string(), name: z.string() })).describe('the first leads'),
});

const duty = z.enum(['sign', 'feedback', 'close', 'judgement', 'transfer']);

const LINE = {
  id,
  warning: id,
  ordinal: z.int(),
  level,
  level_name: z.string(),
  previous: level,
  reason: z.string(),
  status: z.string(),
  message: z.string().describe('预警信息 what happened, in a sentence'),
  title: z.string(),
  summary: z.string(),
  model: z.string(),
  scope: z.string(),
  key: z.string(),
  name: z.string(),
  region: z.string().nullable(),
  region_name: z.string().nullable(),
  item: z.strictObject({ id: z.string(), title: z.string().nullable(), domain: z.string().nullable() }),
  legal,
  plan: z
    .strictObject({
      id: z.string(),
      title: z.string(),
      action: z.string(),
      sign_within: z.string(),
      feedback_within: z.string(),
      close_within: z.string(),
    })
    .nullable(),
  deadlines: z.array(z.strictObject({ kind: duty, department: z.string(), due: local.nullable() })),
  advise: z.string(),
  indicators: figures,
  score: score.optional(),
  rests_on: z.array(z.string()).optional(),
  task: task.optional(),
  draw: draw
    .optional()
    .describe('of a joint inspection that a random draw called for; its level only ranks it'),
  raised: instant,
  updated: instant,
  clock: instant,
  revision: z.string(),
  departments: z.array(named),
  undelivered: z.int(),
  withheld: z
    .strictObject({ reason: z.enum(WITHHELD), sources: z.array(z.string()), told: level })
    .optional(),
};

/** One line of the list. */
export const WARNING = z.strictObject(LINE);

const feedback = z.strictObject({
  at: instant,
  result: z.enum(FINDINGS),
  findings: z.string(),
  measures: z.string(),
  department: z.string().optional(),
  into: id.optional(),
  harm: instant.optional(),
});

const party = z.strictObject({
  department: named,
  role: z.enum(['lead', 'cooperating']),
  acting: z.boolean().describe('whether it must sign, act and report'),
  stage: z.enum(['none', 'signed', 'in-disposal', 'fed-back']),
  signed: instant.optional(),
  started: instant.optional(),
  feedback: feedback.optional(),
});

const ACTOR = z.strictObject({
  id: z.string(),
  role: z.enum(ROLES),
  department: z.string().nullable(),
  region: z.string().optional().describe('to which the account was limited'),
});
const [first, ...others] = ACT_SCHEMA.options.map((option) =>
  option.extend({ id: z.string(), at: instant, actor: ACTOR }),
);

const transfer = z.strictObject({
  number: z.int(),
  at: instant,
  from: z.string(),
  organ: z.string(),
  materials: z.array(z.string()),
  receipt: z.strictObject({ at: instant, number: z.string() }).optional(),
  answer: z.strictObject({ at: instant, accepted: z.boolean(), reason: z.string().optional() }).optional(),
});

const judgement = z.strictObject({
  required: z.boolean(),
  convened: z.strictObject({ at: instant, by: z.string(), reason: z.string() }).optional(),
  participants: z.array(z.string()),
  opinions: z.array(
    z.strictObject({ at: instant, department: z.string(), position: z.string(), text: z.string() }),
  ),
  concluded: z.strictObject({ at: instant, conclusion: z.string() }).optional(),
});

const evidence = z.strictObject({
  transition: z.looseObject({
    contributions: z.looseObject({
      events: z.array(z.looseObject({ id: z.string(), time: z.number() })),
      total: z.int(),
      hash: z.string(),
    }),
  }),
  sample: z
    .array(
      z.looseObject({
        id: z.string(),
        stream: z.string(),
        source: z.string(),
        key: z.string(),
        time: z.number().describe('epoch ms'),
        data: figures,
      }),
    )
    .describe('the latest events behind it, whole'),
  link: z.strictObject({
    sequence: z.int(),
    hash,
    previous: hash,
    salt: z.string().regex(/^[0-9a-f]{32}$/),
    digest: hash,
  }),
});

/** One warning with all that was done to it. */
export const WARNING_DETAIL = z.strictObject({
  ...LINE,
  history: z.array(
    z.strictObject({
      ordinal: z.int(),
      level,
      previous: level,
      clock: instant,
      reason: z.string(),
      withheld: z.enum(WITHHELD).optional(),
      released: instant.optional(),
    }),
  ),
  parties: z.array(party),
  duties: z.array(
    z.strictObject({
      kind: duty,
      department: named,
      term: z.string(),
      from: instant,
      due: instant.nullable(),
      urged: z.int(),
      done: instant.nullable(),
      missed: z.boolean(),
    }),
  ),
  actions: z.array(z.discriminatedUnion('type', [first as NonNullable<typeof first>, ...others])),
  joined: z.array(z.strictObject({ at: instant, warning: id, item: z.string() })).optional(),
  transfers: z.array(transfer).optional(),
  judgement: judgement.optional(),
  suspended: z
    .strictObject({ since: instant, until: instant, reason: z.string(), by: z.string() })
    .optional(),
  closed: z.strictObject({ at: instant, by: z.string(), conclusion: z.string(), level }).optional(),
  evidence,
  allowed: z.array(z.enum(ACT_TYPES)).describe('what the caller may do to it now'),
});

export type Warning = z.output<typeof WARNING>;
/** As it stands in JSON: instants are texts. */
export type WarningDetail = z.input<typeof WARNING_DETAIL>;

const total = z.int().min(0);
export const WARNINGS = z.strictObject({
  items: z.array(WARNING),
  total,
  incomplete: z
    .literal(true)
    .optional()
    .describe(
      'there is more than one list looks through, 500 departments or 20,000 warnings: name a department',
    ),
});

const rejected = z.strictObject({
  index: z.int(),
  place: z.string(),
  code: z.string(),
  message: z.string(),
  field: z.string().optional(),
});
/** What became of the events of a body. */
export const EVENTS_TAKEN = { accepted: z.int(), rejected: z.int(), errors: z.array(rejected) };
export const TAKEN = z.strictObject(EVENTS_TAKEN);

export const SILENCE = z.strictObject({
  id,
  author: z.strictObject({ id: z.string(), role: z.enum(ROLES), department: z.string().nullable() }),
  reason: z.string(),
  since: instant,
  until: instant,
  match: z.looseObject({}),
});
export const SILENCES = z.strictObject({ items: z.array(SILENCE) });

const UNTOLD = z.strictObject({
  at: instant,
  reason: z.enum(WITHHELD_REASONS),
  department: named.nullable().describe('who was not told; null where nobody was'),
  sources: z.array(z.string()).optional().describe('what it waited for, where nobody was told'),
  due: instant.optional().describe('when the message goes out by itself'),
  released: instant.nullable().optional().describe('when it was told after all'),
  waits_for: z.enum(WITHHELD).optional().describe('why the warning is withheld now'),
  warning: id,
  ordinal: z.int().nullable(),
  level,
  model: z.string(),
  title: z.string(),
  key: z.string(),
  name: z.string(),
  region: z.string().nullable(),
});
export type Untold = z.input<typeof UNTOLD>;
export const WITHHELD_PAGE = z.strictObject({
  items: z.array(UNTOLD),
  next: z.string().nullable().describe('before of the next page; null where nothing older is left'),
});

export const PERSONAL = z.strictObject({
  warning: id,
  pseudonym: z.string(),
  purpose: z.string(),
  value: z.string().describe('as it was first sent'),
});

export const AUDIT = z.strictObject({
  items: z.array(
    z.strictObject({
      offset: z.int(),
      at: z.int().describe('epoch ms'),
      account: z.string().nullable(),
      role: z.enum(ROLES).nullable(),
      department: z.string().nullable(),
      what: z.string().describe('the action, or the right that was asked for'),
      warning: id.optional(),
      silence: id.optional(),
      hold: z.string().optional().describe('a legal hold'),
      subject: z.string().optional().describe('the key of whom it is about'),
      by: z.string().optional().describe('who ordered it, in words'),
      dead_letters: z.string().optional().describe('places in the log of dead letters'),
      revision: z.string().optional().describe('the rules that were brought in'),
      former: z.string().optional().describe('the rules before them'),
      pseudonym: z.string().optional().describe('whose clear value was asked for'),
      purpose: z.string().optional(),
      reason: z.string().optional(),
      more: z
        .int()
        .optional()
        .describe('how many refusals like it came before, and were not noted one by one'),
      outcome: z.string(),
    }),
  ),
  total,
});

export const HEALTH = z.strictObject({ status: z.literal('ok') });
export const READINESS = z.strictObject({
  status: z.enum(['ready', 'waiting']),
  waiting: z.array(z.string()).describe('names of the checks that do not hold'),
  checks: z.array(
    z.strictObject({
      name: z.string(),
      ok: z.boolean(),
      lag_records: z.int().min(0).optional().describe('records that wait'),
      clock: instant
        .nullable()
        .optional()
        .describe('up to when time has passed; null before the first instant'),
      behind_seconds: z.int().min(0).optional().describe("how far that is behind this machine's clock"),
      partitions: z
        .array(z.string())
        .optional()
        .describe('the shares of this process, as role: log/partition'),
      next: z.string().optional().describe('what to do where the check does not hold'),
    }),
  ),
});
