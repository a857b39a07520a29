import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCloudEvent, stamp } from '../../src/events/envelope.js';
import { STREAMS, type JsonObject, type StreamName } from '../../src/events/event.js';
import { announcedKind } from '../../src/events/personal-names.js';
import { pseudonymise, pseudonymOf } from '../../src/events/pseudonym.js';
import { STREAM_DECLARATIONS } from '../../src/events/streams.js';
import { cloudEvent, EXAMPLES } from './examples.js';

const KEY = new Uint8Array(32).fill(7);
const PSEUDONYM = /^p:[0-9a-f]{32}$/;

const on = (stream: StreamName, data: JsonObject, key = KEY) => pseudonymise({ stream, data }, key);
const dataOf = (stream: StreamName, data: JsonObject) => on(stream, data).event.data;

describe('pseudonyms', () => {
  test.each(STREAMS)('no declared personal value of %s survives', (stream) => {
    const { event, vault } = on(stream, EXAMPLES[stream]);
    const stored = JSON.stringify(event);
    for (const field of STREAM_DECLARATIONS[stream].personal) {
      const clear = EXAMPLES[stream][field] as string;
      expect(stored).not.toContain(clear);
      expect(event.data[field]).toMatch(PSEUDONYM);
      expect(vault).toContainEqual({ pseudonym: event.data[field], value: clear });
    }
    expect(vault).toHaveLength(STREAM_DECLARATIONS[stream].personal.length);
  });

  test('everything else stays as it was, and the event given is not touched', () => {
    const given = { stream: 'complaint' as const, data: EXAMPLES.complaint, key: 'subject:x' };
    const before = structuredClone(given);
    const { event } = pseudonymise(given, KEY);
    expect(given).toEqual(before);
    const { complainant: _, complainant_phone: __, ...others } = EXAMPLES.complaint;
    expect(event).toMatchObject({ stream: 'complaint', key: 'subject:x', data: others });
  });

  test('one person has one pseudonym in every stream and spelling', () => {
    const complainant = dataOf('complaint', { category: 'c', complainant: '张三' })['complainant'];
    expect(dataOf('opinion', { platform: 'p', author: ' 张 三 ' })['author']).toBe(complainant);
    const phone = pseudonymOf('phone', '13800001234', KEY);
    for (const written of [
      '138 0000 1234',
      '+86-138-0000-1234',
      '008613800001234',
      '１３８００００１２３４',
    ]) {
      expect(dataOf('registration', { kind: 'site', phone: written })['phone']).toBe(phone);
    }
    const id = pseudonymOf('id', '11010119900307757X', KEY);
    expect(dataOf('opinion', { platform: 'p', 身份证号: '11010119900307757x' })['身份证号']).toBe(id);
  });

  test('names, phones and IDs have nothing in common, nor have two sites', () => {
    const value = '13800001234';
    const kinds = (['name', 'phone', 'id', 'contact'] as const).map((kind) => pseudonymOf(kind, value, KEY));
    expect(new Set(kinds).size).toBe(4);
    expect(pseudonymOf('phone', value, new Uint8Array(32).fill(8))).not.toBe(
      pseudonymOf('phone', value, KEY),
    );
  });

  test('a second pass changes nothing', () => {
    for (const stream of STREAMS) {
      const first = on(stream, { ...EXAMPLES[stream], mobile: 13800001234, remark: '打 13800001234 找张三' });
      const second = pseudonymise(first.event, KEY);
      expect(second.event).toEqual(first.event);
      expect(second.vault).toEqual([]);
    }
  });

  test('undeclared fields with the usual names are replaced at any depth, numbers too', () => {
    const data = {
      metric: 'm',
      value: 1,
      operator: { contactPhone: 13800001234, age: 40, IDCard: '11010119900307757X' },
      手机号: ['13800001234', '13900001234'],
      complainant: { first: '张', last: '三' },
      problems: [{ reporter: '李四' }],
    };
    const { event, vault } = on('sensor-reading', data);
    const stored = JSON.stringify(event);
    for (const clear of ['13800001234', '13900001234', '11010119900307757X', '张', '三', '李四']) {
      expect(stored).not.toContain(clear);
    }
    expect(event.data['operator']).toMatchObject({ age: 40 });
    expect(vault.map((entry) => entry.value)).toContain('13800001234');
    expect(new Set(vault.map((entry) => entry.pseudonym)).size).toBe(vault.length);
  });

  test('phones and ID numbers inside prose are replaced, other figures are not', () => {
    const data = {
      category: 'c',
      content:
        '店员(电话138-0000-1234，身份证11010119900307757X)拒绝退款，订单号202603010001234567，金额1500元',
      remark: '回访 +8613900001234',
      order: '13812345678',
    };
    const { event, vault } = on('complaint', data);
    const phone = pseudonymOf('phone', '13800001234', KEY);
    const id = pseudonymOf('id', '11010119900307757X', KEY);
    expect(event.data['content']).toBe(
      `店员(电话${phone}，身份证${id})拒绝退款，订单号202603010001234567，金额1500元`,
    );
    expect(event.data['remark']).toBe(`回访 ${pseudonymOf('phone', '13900001234', KEY)}`);
    expect(event.data['order']).toBe('13812345678');
    expect(vault).toHaveLength(3);
  });

  test('declared lists of objects are searched for what nobody declared', () => {
    const problems = [{ code: 'F-03', description: '负责人 13800001234 不在', witness_phone: '13900001234' }];
    const { event, vault } = on('inspection', { ...EXAMPLES.inspection, problems });
    expect(JSON.stringify(event)).not.toMatch(/13[89]00001234/);
    expect(event.data['problems']).toMatchObject([{ code: 'F-03' }]);
    expect(vault).toHaveLength(3);
  });

  test('nothing personal leaves the event itself', () => {
    const reading = { stream: 'sensor-reading' as const, data: { metric: 'm', value: 1 } };
    const result = pseudonymise(reading, KEY);
    expect(result.event).toBe(reading);
    expect(result.vault).toEqual([]);
  });

  test('revocations and amendments are treated alike', () => {
    for (const attribute of ['revokes', 'amends']) {
      const parsed = parseCloudEvent(cloudEvent('complaint', { [attribute]: 'c-1' }));
      if (!parsed.ok) throw new Error(parsed.message);
      const stamped = stamp(parsed.event, Date.UTC(2026, 5, 1));
      if (!stamped.ok) throw new Error(stamped.message);
      expect(pseudonymise(stamped.event, KEY).event.data['complainant']).toMatch(PSEUDONYM);
    }
  });

  test('no mobile number survives, wherever in prose it stands', () => {
    const phone = fc.stringMatching(/^1[3-9][0-9]{9}$/);
    const words = fc.stringMatching(/^[投诉电话，。 a-z:]{0,12}$/);
    fc.assert(
      fc.property(words, phone, words, (before, number, after) => {
        const content = before + number + after;
        expect(JSON.stringify(dataOf('complaint', { category: 'c', content }))).not.toContain(number);
      }),
    );
  });

  test('a short site key is refused', () => {
    expect(() => on('complaint', EXAMPLES.complaint, new Uint8Array(8))).toThrow(RangeError);
  });
});

describe('names that announce personal values', () => {
  test.each([
    ['id_card', 'id'],
    ['idCardNo', 'id'],
    ['complainant_id_card', 'id'],
    ['身份证号码', 'id'],
    ['证件号码', 'id'],
    ['passport', 'id'],
    ['phone', 'phone'],
    ['phoneNumber', 'phone'],
    ['mobile', 'phone'],
    ['contact-tel', 'phone'],
    ['TEL', 'phone'],
    ['联系电话', 'phone'],
    ['手机号', 'phone'],
    ['email', 'contact'],
    ['微信号', 'contact'],
    ['contact_person', 'name'],
    ['联系人', 'name'],
    ['投诉人姓名', 'name'],
    ['legal_representative', 'name'],
  ])('%s announces %s', (name, kind) => {
    expect(announcedKind(name)).toBe(kind);
  });

  test.each([
    'telemetry',
    'id',
    'name',
    'video',
    'identifier',
    'content',
    'hotel',
    '电话诈骗',
    'metric',
    'constructor',
  ])('%s announces nothing', (name) => {
    expect(announcedKind(name)).toBeUndefined();
  });
});
