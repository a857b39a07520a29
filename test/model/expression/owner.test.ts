import { describe, expect, test } from 'vitest';
import type { Environment } from '../../../src/model/expression/expression.js';
import { compiled, ENVIRONMENT, makeScope, run } from './fixture.js';

const FIELDS = ENVIRONMENT.profile;
/** Of a device: its own profile, and that of the subject beside it. */
const DEVICE: Environment = { ...ENVIRONMENT, profileNames: ['device'], subject: FIELDS };
/** Of a wider scope: codes, no profile. */
const WIDE: Environment = { ...ENVIRONMENT, profile: {}, profileNames: [], codes: ['region', 'industry'] };

const scope = () => makeScope({ subject: { kind: 'enterprise', credit: 'D', floors: 3 } });

describe('the subject beside the own profile', () => {
  test.each([
    ['subject.credit', 'D'],
    ['device.credit', null],
    ['subject.credit == "D" && device.credit == null', true],
    ['has(subject.floors)', true],
    ['has(device.floors)', false],
    ['subject["floors"] + 1', 4],
    ['size(subject.tags)', null],
    ['has(subject.tags)', false],
  ])('%s', (source, value) => {
    expect(compiled(source, DEVICE).run(scope())).toEqual(value);
  });

  test('is read whole, too', () => {
    expect(compiled('subject', DEVICE).run(scope())).toEqual({ kind: 'enterprise', credit: 'D', floors: 3 });
  });

  test('what is read of it is told apart from the own profile', () => {
    const { reads } = compiled('subject.credit == device.kind && has(subject.floors)', DEVICE);
    expect([reads.owner, reads.profile]).toEqual([['credit', 'floors'], ['kind']]);
  });

  test('a fact of another type than declared is an error', () => {
    const wrong = makeScope({ subject: { credit: 3 } });
    expect(compiled('subject.credit', DEVICE).run(wrong)).toMatchObject({ code: 'EXPR_TYPE' });
  });

  test('in subject scope, subject is the own profile', () => {
    expect(run('subject.kind', makeScope({ subject: { kind: 'other' } }))).toBe('enterprise');
    expect(compiled('subject.kind').reads.owner).toEqual([]);
  });
});

describe('codes', () => {
  test('are read from the profile by the name of the scope', () => {
    const wide = makeScope({ profile: { region: '330106', industry: 'I62' } });
    expect(compiled('region.code + "/" + industry["code"]', WIDE).run(wide)).toBe('330106/I62');
    expect(compiled('has(region.code)', WIDE).run(wide)).toBe(true);
    expect(compiled('region.code', WIDE).nullable).toBe(false);
    expect(compiled('region.code', WIDE).reads).toMatchObject({ profile: ['region'], owner: [] });
  });

  test.each([
    ['region', 'Name its code: region.code.'],
    ['region.name', 'region has no field name.'],
    ['subject.credit', 'subject is not known here.'],
  ])('%s is refused', (source, message) => {
    expect(() => compiled(source, WIDE)).toThrow(message);
  });
});
