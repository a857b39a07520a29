import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  deviceIdFault,
  isIndustryCode,
  isRegionCode,
  isUscc,
  placeIdFault,
  subjectIdFault,
  usccCheckCharacter,
} from '../../src/events/identifiers.js';

const ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const character = fc.constantFrom(...ALPHABET);
const digits = (n: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: n, maxLength: n });
const first17 = fc
  .tuple(
    fc.string({ unit: character, minLength: 2, maxLength: 2 }),
    digits(6),
    fc.string({ unit: character, minLength: 9, maxLength: 9 }),
  )
  .map((parts) => parts.join(''));
const uscc = first17.map((text) => text + (usccCheckCharacter(text) ?? '?'));

describe('unified social credit code', () => {
  test.each(['91110000802100433B', '91350100M000100Y43'])('%s is one', (code) => {
    expect(isUscc(code)).toBe(true);
  });

  test('any 17 characters with their check character are one', () => {
    fc.assert(fc.property(uscc, (code) => isUscc(code)));
  });

  test('changing any single character is noticed', () => {
    fc.assert(
      fc.property(uscc, fc.nat(17), character, (code, position, other) => {
        fc.pre(code[position] !== other);
        expect(isUscc(code.slice(0, position) + other + code.slice(position + 1))).toBe(false);
      }),
    );
  });

  test('exchanging two neighbours is noticed', () => {
    fc.assert(
      fc.property(uscc, fc.integer({ min: 8, max: 15 }), (code, i) => {
        const [a, b] = [code.charAt(i), code.charAt(i + 1)];
        fc.pre(a !== b);
        expect(isUscc(code.slice(0, i) + b + a + code.slice(i + 2))).toBe(false);
      }),
    );
  });

  test('has no check character for foreign characters or another length', () => {
    expect(usccCheckCharacter('9111000080210043I')).toBeUndefined();
    expect(usccCheckCharacter('91110000')).toBeUndefined();
    expect(isUscc('')).toBe(false);
    expect(isUscc('91110000802100433b')).toBe(false);
  });
});

describe('codes', () => {
  test.each(['11', '1101', '110108', '110108003', '110108003012', '82'])('%s is a region', (code) => {
    expect(isRegionCode(code)).toBe(true);
  });
  test.each(['10', '83', '1', '11010', '1101080', '11010a', '１１', '11\n', ''])(
    '%j is no region',
    (code) => {
      expect(isRegionCode(code)).toBe(false);
    },
  );
  test.each(['A', 'T', 'F52', 'F521', 'F5211'])('%s is an industry', (code) => {
    expect(isIndustryCode(code)).toBe(true);
  });
  test.each(['U', 'f52', 'F5', 'F52110', '5211', 'F 52', 'A\n', ''])('%j is no industry', (code) => {
    expect(isIndustryCode(code)).toBe(false);
  });
});

describe('ids of subjects, devices and places', () => {
  test('a subject is a USCC or a local id', () => {
    expect(subjectIdFault('91110000802100433B')).toBeUndefined();
    expect(subjectIdFault('school:海淀实验小学')).toBeUndefined();
  });

  test('a wrong check digit has a code of its own', () => {
    expect(subjectIdFault('91110000802100433C')?.code).toBe('EVENT_USCC');
    expect(subjectIdFault('110101199003077571')?.code).toBe('EVENT_USCC');
  });

  test.each([
    '某公司',
    '9111000080210043',
    'Shop:1',
    'a:1',
    'shop:',
    'shop:a b',
    'shop:a\u200bb',
    'shop:a\u0000',
    'shop:\ud800',
    `shop:${'x'.repeat(129)}`,
    'shop:1\n',
  ])('%j is no subject', (id) => {
    expect(subjectIdFault(id)?.code).toBe('EVENT_ENVELOPE');
  });

  test('a device may have a plain id, a place a Chinese one', () => {
    expect(deviceIdFault('gas/haidian-7:2')).toBeUndefined();
    expect(deviceIdFault('meter:表7')).toBeUndefined();
    expect(deviceIdFault('表7')).toBeDefined();
    expect(placeIdFault('中关村市场（东区）')).toBeUndefined();
    expect(placeIdFault('中关村 市场')).toBeDefined();
  });
});
