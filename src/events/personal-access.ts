// Clear personal values: how one is asked for, and who may ask for which purpose, as the settings say.
import { z } from 'zod';
import type { Role } from './act.js';
import type { PersonalKind } from './streams/field.js';

const purposeName = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'a name of a-z, 0-9 and -, up to 64');
const departmentId = z.string().regex(/^[a-z][a-z0-9-]{0,63}$/, 'the id of a department');

/** What is sent to see the value behind a pseudonym that a warning shows. */
export const PERSONAL_SCHEMA = z.strictObject({
  warning: z
    .string()
    .regex(/^[0-9a-f]{32}$/, 'must be the id of a warning, 32 hex digits')
    .describe('a warning that shows the pseudonym'),
  pseudonym: z.string().regex(/^p:[0-9a-f]{32}$/, 'must be p: and 32 hex digits'),
  purpose: purposeName.describe('one of the purposes that the operator has set'),
  reason: z
    .string()
    .trim()
    .min(1, 'must say something')
    .max(500, 'at most 500 characters')
    .describe('what it is needed for; it goes into the audit log'),
});
export type PersonalOrder = z.output<typeof PERSONAL_SCHEMA>;

/** As streams declare their personal fields. */
const PERSONAL_KINDS = ['name', 'phone', 'id', 'contact'] as const satisfies readonly PersonalKind[];

const KNOWN_BY = 'either pseudonym, or kind and value';

/** What is sent to erase one value of a person, by its pseudonym or as the person gives it. */
export const ERASURE_SCHEMA = z
  .strictObject({
    pseudonym: z
      .string()
      .regex(/^p:[0-9a-f]{32}$/, 'must be p: and 32 hex digits')
      .optional(),
    kind: z.enum(PERSONAL_KINDS, `one of ${PERSONAL_KINDS.join(', ')}`).optional(),
    value: z.string().min(1).max(200, 'at most 200 characters').optional().describe('it is kept nowhere'),
    reason: z.string().trim().min(1, 'must say something').max(500, 'at most 500 characters'),
  })
  .refine(
    ({ pseudonym, kind, value }) =>
      pseudonym === undefined
        ? kind !== undefined && value !== undefined
        : kind === undefined && value === undefined,
    KNOWN_BY,
  );
export type ErasureOrder = z.output<typeof ERASURE_SCHEMA>;

/** Roles that may be allowed to; who edits models never needs to know of whom they speak. */
export const PERSONAL_ROLES = [
  'department',
  'lead',
  'operator',
  'auditor',
] as const satisfies readonly Role[];

const grant = z
  .strictObject({
    role: z.enum(PERSONAL_ROLES, `one of ${PERSONAL_ROLES.join(', ')}`),
    /** Of accounts of these departments only; of all where it is left out. */
    departments: z.array(departmentId).min(1).max(500).optional(),
    purposes: z.array(purposeName).min(1).max(50),
  })
  .refine(({ role, departments }) => departments === undefined || role === 'department' || role === 'lead', {
    path: ['departments'],
    message: 'nothing, for accounts of this role have no department',
  });

/** The file of settings. */
export const PERSONAL_SETTINGS_SCHEMA = z.strictObject({
  /** By name, what it is in words. */
  purposes: z.record(purposeName, z.string().min(1).max(100, 'at most 100 characters')),
  allow: z.array(grant).max(200, 'at most 200 grants'),
});
export type PersonalSettings = z.output<typeof PERSONAL_SETTINGS_SCHEMA>;

/** Without a file nobody may. */
export const NOBODY: PersonalSettings = { purposes: {}, allow: [] };

/** Whether an account may see clear values for a purpose, of warnings that it may read. */
export function mayReveal(
  { allow }: PersonalSettings,
  { role, department }: { readonly role: Role; readonly department: string | null },
  purpose: string,
): boolean {
  return allow.some(
    (one) =>
      one.role === role &&
      one.purposes.includes(purpose) &&
      (one.departments === undefined || (department !== null && one.departments.includes(department))),
  );
}
