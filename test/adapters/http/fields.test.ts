import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { FIELDS, readForm } from '../../../src/adapters/http/pages/fields.js';
import { ACT_NAMES } from '../../../src/adapters/http/pages/words.js';
import { ACT_SCHEMA, ACT_TYPES } from '../../../src/events/act.js';

const ZONE = 'Asia/Shanghai';
const form = (fields: { readonly [name: string]: string | readonly string[] }) => {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    for (const one of [value].flat()) params.append(name, one);
  return params;
};

describe('the forms', () => {
  it('ask for exactly what each action takes', () => {
    for (const { shape } of ACT_SCHEMA.options) {
      const type = [...shape.type.values][0] as keyof typeof FIELDS;
      const names = Object.keys(shape).filter((name) => name !== 'type');
      expect(FIELDS[type].map(({ name }) => name).sort(), type).toEqual(names.sort());
      const optional = Object.entries<z.ZodType>(shape).flatMap(([name, field]) =>
        field.isOptional() ? [name] : [],
      );
      expect(
        FIELDS[type].flatMap((field) => (field.optional ? [field.name] : [])),
        type,
      ).toEqual(optional);
      expect(ACT_NAMES[type]).toMatch(/\p{Script=Han}/u);
    }
    expect(Object.keys(FIELDS).sort()).toEqual([...ACT_TYPES].sort());
  });

  it.each([
    [{ type: 'sign' }, { type: 'sign' }],
    [{ type: 'start', measures: '' }, { type: 'start' }],
    [
      {
        type: 'feedback',
        result: 'confirmed',
        findings: ' 属实\r\n已整改 ',
        measures: '罚款',
        department: '',
        into: '',
      },
      { type: 'feedback', result: 'confirmed', findings: '属实\n已整改', measures: '罚款' },
    ],
    [
      { type: 'convene', participants: ['health', 'police'], reason: '会商' },
      { type: 'convene', participants: ['health', 'police'], reason: '会商' },
    ],
    [
      { type: 'hand-over', organ: 'police', materials: '笔录\r\n\r\n 照片 \n' },
      { type: 'hand-over', organ: 'police', materials: ['笔录', '照片'] },
    ],
    [
      { type: 'suspend', reason: '鉴定', until: '2026-03-20T09:30' },
      { type: 'suspend', reason: '鉴定', until: Date.UTC(2026, 2, 20, 1, 30) },
    ],
    [
      { type: 'accept', transfer: '2' },
      { type: 'accept', transfer: 2 },
    ],
  ])('give the action %j', (sent, act) => {
    expect(readForm(form(sent), ZONE)).toEqual({ act });
  });

  it.each([
    [{ type: 'dance' }, '没有这种操作。'],
    [{ type: 'toString' }, '没有这种操作。'],
    [{}, '没有这种操作。'],
    [{ type: 'close', conclusion: '  ' }, '请填写「办结结论」。'],
    [{ type: 'close', conclusion: 'x'.repeat(2_001) }, '「办结结论」的内容不符合要求。'],
    [{ type: 'convene', reason: '会商' }, '请填写「参加部门」。'],
    [{ type: 'suspend', reason: '鉴定', until: '明天' }, '「中止至」的内容不符合要求。'],
    [{ type: 'suspend', reason: '鉴定', until: '' }, '请填写「中止至」。'],
    [{ type: 'accept', transfer: 'x' }, '「移送件」的内容不符合要求。'],
    [{ type: 'feedback', result: 'confirmed', findings: '', measures: '' }, '请填写「核查情况」。'],
  ])('say in Chinese what is wrong with %j', (sent, fault) => {
    expect(readForm(form(sent as { [name: string]: string }), ZONE)).toEqual({ fault });
  });
});
