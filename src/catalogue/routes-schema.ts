// The shape of catalogue/routes.yaml: rules about who hears of a warning beside, or instead of, those its item names.
import { z } from 'zod';
import { SCOPES } from '../events/event.js';
import { channels, id, region, text, warningLevel } from './schema-parts.js';

const RULES_MAX = 200;
const VALUES_MAX = 200;

/** What took a warning where no rule did; rules have other names. */
export const USUAL = 'usual';
export const FALLBACK = 'fallback';

const TARGET_FORM = 'lead, cooperating, or { department: ..., role: ..., channels: [...] }';

/** One value, or a list of them. */
function some<T extends z.ZodType<string, string>>(value: T, form: string) {
  const list = z.array(value).min(1).max(VALUES_MAX);
  return z.union([value.transform((one) => [one]), list], `${form}, or a list of at most ${VALUES_MAX}`);
}

const match = z.strictObject({
  domain: some(text(64), 'the domain of an item').optional(),
  item: some(id, 'an item').optional(),
  model: some(
    z.string().regex(/^[a-z0-9][a-z0-9/-]{0,254}(:feed|:source)?$/, 'a model'),
    'the name of a model, its path under rules/ without extension',
  ).optional(),
  level: some(warningLevel, 'one of red, orange, yellow, blue').optional(),
  tag: some(text(64), 'a tag').optional(),
  region: some(region, 'a region code of 2, 4, 6, 9 or 12 digits').optional(),
  scope: some(z.enum(SCOPES), `one of ${SCOPES.join(', ')}`).optional(),
});

const role = z.enum(['lead', 'cooperating'], 'lead or cooperating');

const named = z.strictObject({
  department: id,
  role: role.default('cooperating'),
  channels: channels.optional(),
});

const rule = z
  .strictObject({
    name: id.refine(
      (name) => name !== USUAL && name !== FALLBACK,
      `another name than ${USUAL} and ${FALLBACK}`,
    ),
    title: text(200).optional(),
    match: match.default({}),
    to: z
      .array(z.union([role, named], TARGET_FORM))
      .min(1, 'at least one recipient')
      .max(50, 'at most 50 recipients')
      .default(['lead', 'cooperating']),
    channels: channels.optional(),
    add: z
      .enum(['true', 'false'], 'true or false')
      .transform((word) => word === 'true')
      .default(false),
  })
  .refine(
    ({ to, add }) =>
      add || to.some((one) => one === 'lead' || (typeof one === 'object' && one.role === 'lead')),
    { path: ['to'], message: 'somebody who leads, since the rule stands instead of the usual; or add: true' },
  );

/** Schema of routes.yaml. */
export const routes = z.strictObject({
  routes: z.array(rule).max(RULES_MAX, `at most ${RULES_MAX} rules`).default([]),
  fallback: z
    .strictObject({
      departments: z.array(id).min(1, 'at least one department').max(20, 'at most 20 departments'),
      channels: channels.optional(),
    })
    .optional(),
  backup: z
    .record(id, id)
    .refine((map) => Object.keys(map).length <= 50, 'at most 50 channels')
    .default({}),
});
