// The shape of the files under rules/catalogue: what an official writes, as text that is typed here.
import { z } from 'zod';
import { isLocalDate, isZone } from './calendar.js';
import { DRAWS_SCHEMA } from './draw-rules.js';
import { parseDayTime } from './duration.js';
import { EVALUATION_SCHEMA } from './evaluation-rules.js';
import { NOTICE_YEARS } from './holidays.js';
import { PUSH_SCHEMA } from './push.js';
import { perWeek, QUEUE_SCHEMA } from './queue.js';
import { RETENTION_SCHEMA } from './retention.js';
import { routes } from './routes-schema.js';
import { ALLOWANCES, channels, id, region, term, text, warningLevel } from './schema-parts.js';
import { parseTags, TAGS_FORM } from './tag-expression.js';
import { URGING_SCHEMA } from './urging.js';

const date = z.string().refine(isLocalDate, 'a date that exists, for example 2024-05-01');

const legalBasis = z
  .strictObject({ law: text(200), article: text(200), from: date, until: date.optional() })
  .refine((basis) => basis.until === undefined || basis.from <= basis.until, {
    path: ['until'],
    message: 'a date not before the day in "from"',
  });

/** Which subjects an item is about. */
const subjects = z
  .strictObject({
    tags: z
      .string()
      .superRefine((value, context) => {
        const read = parseTags(value);
        if (read.ok) return;
        const message = `${TAGS_FORM}; at character ${read.column} ${read.message}`;
        context.addIssue({ code: 'custom', message });
      })
      .optional(),
    industry: z
      .array(z.string().regex(/^[A-T]\d{0,4}$/, 'an industry code or its beginning, such as H62'))
      .max(200, 'at most 200 codes')
      .default([]),
  })
  .refine(({ tags, industry }) => tags !== undefined || industry.length > 0, 'tags, industry, or both');

const item = z.strictObject({
  title: text(200),
  domain: text(64),
  lead: id,
  cooperating: z.array(id).max(50, 'at most 50 departments').default([]),
  object: text(200),
  method: text(200),
  level: z.enum(['province', 'city', 'county'], 'one of province, city, county'),
  legal: z.array(legalBasis).min(1, 'at least one legal basis').max(50, 'at most 50 legal bases'),
  checklist: z.array(text(200)).max(50, 'at most 50 entries').default([]),
  subjects: subjects.optional(),
});

const department = z
  .strictObject({
    name: text(200),
    superior: id.optional(),
    office_of: id.optional(),
    region: region.optional(),
    levels: z.array(warningLevel).min(1, 'at least one of red, orange, yellow, blue').max(4).optional(),
    channels: channels.default(['file']),
    inspections_per_week: perWeek.optional(),
  })
  .refine((one) => one.office_of === undefined || one.region !== undefined, {
    path: ['office_of'],
    message: 'a region beside it, for which the office answers',
  });

const planStep = z.strictObject({
  action: text(1000),
  sign_within: term,
  feedback_within: term,
  close_within: term,
});

const plan = z.strictObject({
  title: text(200),
  urge: URGING_SCHEMA.optional(),
  judgement: z.strictObject({ from: warningLevel, within: term }).optional(),
  levels: z
    .strictObject({
      red: planStep.optional(),
      orange: planStep.optional(),
      yellow: planStep.optional(),
      blue: planStep.optional(),
    })
    .refine((levels) => Object.keys(levels).length > 0, 'at least one of red, orange, yellow, blue'),
});

const year = z
  .string()
  .regex(/^\d{4}$/, 'a year of four digits')
  .transform(Number)
  .refine(
    (value) => value >= NOTICE_YEARS.first && value <= NOTICE_YEARS.last,
    `a year from ${NOTICE_YEARS.first} to ${NOTICE_YEARS.last}, whose holiday notices are known`,
  );

const HOURS_FORM = 'office hours such as ["09:00", "12:00"], each after the one before, at most 4';

const hours = z
  .array(z.tuple([z.string(), z.string()], HOURS_FORM))
  .min(1, HOURS_FORM)
  .max(4, HOURS_FORM)
  .transform((spans) => spans.map(([from, to]) => [parseDayTime(from), parseDayTime(to)] as const))
  .refine((spans) => {
    const ends = spans.flat();
    return ends.every(
      (end, index) => !Number.isNaN(end) && (index === 0 || end > (ends[index - 1] as number)),
    );
  }, HOURS_FORM);

const calendar = z
  .strictObject({
    zone: z.string().refine(isZone, 'an IANA zone, for example Asia/Shanghai'),
    years: z.tuple([year, year], '[first year, last year]'),
    holidays: z.array(date).max(1000, 'at most 1000 dates').default([]),
    workdays: z.array(date).max(1000, 'at most 1000 dates').default([]),
    hours: hours.optional(),
  })
  .refine((value) => value.years[0] <= value.years[1], {
    path: ['years'],
    message: 'the first year before the last',
  });

const list = z.strictObject({
  title: text(200),
  values: z.array(text(500)).max(20_000, 'at most 20000 values'),
});

/** Scalars of the files come as texts. */
const degrees = (most: number) =>
  z
    .string()
    .regex(/^-?\d{1,3}(\.\d{1,6})?$/, 'degrees with at most six digits after the point, such as 120.15')
    .transform(Number)
    .refine((value) => Math.abs(value) <= most, `from -${most} to ${most} degrees`);

/** A region's name, and where it is shown on maps (WGS 84, degrees) where somebody wants it there. */
const regionName = z.union([
  text(200),
  z.strictObject({
    name: text(200),
    longitude: degrees(180),
    latitude: degrees(90),
  }),
]);

/** Schema of each file under rules/catalogue by its name. */
export const CATALOGUE_FILES = {
  'items.yaml': z.record(id, item),
  'departments.yaml': z.record(id, department),
  'regions.yaml': z.record(region, regionName),
  'routes.yaml': routes,
  'plans.yaml': z.record(id, plan),
  'calendar.yaml': calendar,
  'lists.yaml': z.record(id, list),
  'push.yaml': PUSH_SCHEMA,
  'queue.yaml': QUEUE_SCHEMA,
  'draws.yaml': DRAWS_SCHEMA,
  'evaluation.yaml': EVALUATION_SCHEMA,
  'retention.yaml': RETENTION_SCHEMA,
} as const;

/** What any of the files may have beside its own content: the warnings that it allows. */
export const CATALOGUE_LINT = z.strictObject({ lint: ALLOWANCES });

export type CatalogueFileName = keyof typeof CATALOGUE_FILES;

/** The typed content of the files; a file that is absent and not required is undefined. */
export type CatalogueContent = {
  readonly [name in CatalogueFileName]?: z.output<(typeof CATALOGUE_FILES)[name]>;
};

/** Files without which no model can be loaded. */
export const REQUIRED_FILES: readonly CatalogueFileName[] = [
  'items.yaml',
  'departments.yaml',
  'calendar.yaml',
];
