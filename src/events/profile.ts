// What the registry knows of a key, and so what `subject.`, `device.` and `place.` offer in expressions.
import type { Fields, FieldType } from './fields.js';
import { streamFields } from './streams.js';

/** The facts of a registration that a profile keeps. `registered` is added: the first arrival of one. */
export const PROFILE_FACTS = [
  'kind',
  'name',
  'owner',
  'region',
  'industry',
  'tags',
  'credit',
  'place',
  'status',
  'established',
  'licence_until',
  'cadence',
  'capacity',
] as const;

/** The fields of a profile; each may be absent, since a key may send events before it is registered. */
export const profileFields: Fields = {
  ...Object.fromEntries(
    PROFILE_FACTS.map((name) => {
      const field = streamFields('registration')[name];
      const type: FieldType = field?.type ?? { type: 'dyn' };
      return [name, { ...field, type, optional: true }];
    }),
  ),
  registered: {
    type: { type: 'timestamp' },
    optional: true,
    description: '首次登记时间 first arrival of a registration',
  },
};
