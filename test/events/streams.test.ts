import { describe, expect, test } from 'vitest';
import { STREAMS, type StreamName } from '../../src/events/event.js';
import { parseCloudEvent } from '../../src/events/envelope.js';
import { PROFILE_FACTS, profileFields } from '../../src/events/profile.js';
import { STREAM_DECLARATIONS, STREAM_SHAPES, streamFields } from '../../src/events/streams.js';
import { cloudEvent, EXAMPLES } from './examples.js';

function refusal(stream: StreamName, data: unknown) {
  const result = parseCloudEvent(cloudEvent(stream, { data }));
  return result.ok ? undefined : { code: result.code, field: result.field };
}

describe.each(STREAMS)('%s', (stream) => {
  test('takes a complete example and keeps every field and extras', () => {
    const data = { ...EXAMPLES[stream], extra: { nested: [1, 'two'] } };
    const result = parseCloudEvent(cloudEvent(stream, { data }));
    if (!result.ok) throw new Error(JSON.stringify(result));
    expect(Object.keys(result.event.data).sort()).toEqual(Object.keys(data).sort());
    expect(result.event.data['extra']).toEqual({ nested: [1, 'two'] });
  });

  test('takes null for every optional field', () => {
    const fields = streamFields(stream);
    const data = { ...EXAMPLES[stream] };
    for (const name of Object.keys(STREAM_SHAPES[stream])) if (fields[name]?.optional) data[name] = null;
    if (stream === 'credit-change') data['credit'] = 'A';
    if (stream === 'sensor-reading') data['value'] = 1;
    expect(refusal(stream, data)).toBeUndefined();
  });

  test('names the required field that is missing or null', () => {
    const fields = streamFields(stream);
    const required = Object.keys(STREAM_SHAPES[stream]).filter((name) => fields[name]?.optional === false);
    for (const name of required) {
      const { [name]: _, ...without } = EXAMPLES[stream];
      expect(refusal(stream, without)).toEqual({ code: 'EVENT_DATA', field: `data.${name}` });
      expect(refusal(stream, { ...without, [name]: null })).toEqual({
        code: 'EVENT_DATA',
        field: `data.${name}`,
      });
    }
  });

  test('names a field of the wrong type', () => {
    for (const name of Object.keys(STREAM_SHAPES[stream])) {
      const wrong = typeof EXAMPLES[stream][name] === 'boolean' ? 'yes' : true;
      expect(refusal(stream, { ...EXAMPLES[stream], [name]: wrong })).toEqual({
        code: 'EVENT_DATA',
        field: `data.${name}`,
      });
    }
  });

  test('describes each field in Chinese and English', () => {
    for (const [name, field] of Object.entries(streamFields(stream))) {
      expect(field.description, name).toMatch(/\p{Script=Han}.*[a-z]/u);
    }
  });
});

describe('refusals inside data', () => {
  test.each([
    ['complaint', { amount: -1 }, 'data.amount'],
    ['complaint', { channel: 'fax' }, 'data.channel'],
    ['complaint', { category: '' }, 'data.category'],
    ['complaint', { region: '99' }, 'data.region'],
    ['complaint', { place: 'a b' }, 'data.place'],
    [
      'inspection',
      { problems: [{ code: 'a' }, { code: 'b', severity: 'bad' }] },
      'data.problems[1].severity',
    ],
    ['inspection', { deadline: '15.03.2026' }, 'data.deadline'],
    ['penalty', { articles: ['a', 3] }, 'data.articles[1]'],
    ['sensor-reading', { value: '1.2' }, 'data.value'],
    ['sensor-reading', { confidence: 1.1 }, 'data.confidence'],
    ['sensor-reading', { media_hash: 'A'.repeat(64) }, 'data.media_hash'],
    ['opinion', { sentiment: 2 }, 'data.sentiment'],
    ['registration', { industry: 'X1' }, 'data.industry'],
    ['registration', { cadence: 0 }, 'data.cadence'],
    ['registration', { latitude: 91 }, 'data.latitude'],
  ] as const)('%s with %j', (stream, change, field) => {
    expect(refusal(stream, { ...EXAMPLES[stream], ...change })).toEqual({ code: 'EVENT_DATA', field });
  });

  test('an owner with a wrong check digit has the code of the USCC', () => {
    expect(refusal('registration', { kind: 'device', owner: '91110000802100433C' })).toEqual({
      code: 'EVENT_USCC',
      field: 'data.owner',
    });
  });

  test('a credit change needs credit or kind', () => {
    expect(refusal('credit-change', { reason: '复核' })).toEqual({
      code: 'EVENT_DATA',
      field: 'data.credit',
    });
    expect(refusal('credit-change', { kind: 'repaired' })).toBeUndefined();
  });

  test('a reading needs a value, or a finding with its media and their hash', () => {
    expect(refusal('sensor-reading', { metric: 'm' })?.field).toBe('data.value');
    expect(refusal('sensor-reading', { metric: 'm', value: 0 })).toBeUndefined();
    expect(refusal('sensor-reading', { metric: 'm', finding: 'f' })?.field).toBe('data.media');
    expect(refusal('sensor-reading', { metric: 'm', finding: 'f', media: 'u' })?.field).toBe(
      'data.media_hash',
    );
  });

  test.each([NaN, Infinity, -Infinity, 1e400])('a reading of %j is refused', (value) => {
    expect(refusal('sensor-reading', { metric: 'm', value })).toEqual({
      code: 'EVENT_DATA',
      field: 'data.value',
    });
  });

  test('messages never repeat the value', () => {
    const data = {
      ...EXAMPLES.complaint,
      complainant_phone: { number: '13800001234' },
      region: '13800001234',
    };
    const result = parseCloudEvent(cloudEvent('complaint', { data }));
    expect(JSON.stringify(result)).not.toContain('13800001234');
  });
});

describe('instants in data', () => {
  test('are stored as UTC with milliseconds; a deadline lasts to the end of its day', () => {
    const result = parseCloudEvent(
      cloudEvent('penalty', { data: { ...EXAMPLES.penalty, deadline: '2026-03-01' } }),
    );
    expect(result.ok && result.event.data).toMatchObject({
      act_time: '2026-01-19T16:00:00.000Z',
      deadline: '2026-03-01T16:00:00.000Z',
    });
    const registered = parseCloudEvent(cloudEvent('registration'));
    expect(registered.ok && registered.event.data).toMatchObject({
      established: '2015-05-31T16:00:00.000Z',
      licence_until: '2027-06-01T16:00:00.000Z',
    });
  });
});

describe('declarations', () => {
  test('field types come from the schemas', () => {
    const fields = streamFields('inspection');
    expect(fields['result']).toMatchObject({ type: { type: 'string' }, optional: false });
    expect(fields['deadline']).toMatchObject({ type: { type: 'timestamp' }, optional: true });
    expect(fields['inspector']).toMatchObject({ type: { type: 'string' }, optional: true, personal: true });
    expect(fields['time']).toMatchObject({ type: { type: 'timestamp' }, optional: false });
    expect(fields['problems']?.type).toMatchObject({
      type: 'list',
      element: { type: 'object', fields: { code: { optional: false }, severity: { optional: true } } },
    });
    expect(streamFields('complaint')['anonymous']?.type).toEqual({ type: 'bool' });
    expect(streamFields('registration')['tags']?.type).toEqual({ type: 'list', element: { type: 'string' } });
  });

  test('no field falls back to a dynamic type, and none hides an envelope field', () => {
    for (const stream of STREAMS) {
      expect(JSON.stringify(streamFields(stream))).not.toContain('"dyn"');
      for (const name of ['id', 'source', 'stream', 'time', 'at']) {
        expect(STREAM_SHAPES[stream]).not.toHaveProperty(name);
      }
    }
  });

  test('every personal field is listed, and only readings cannot be revoked', () => {
    expect(STREAM_DECLARATIONS.complaint.personal).toEqual(['complainant', 'complainant_phone']);
    expect(STREAM_DECLARATIONS.registration.personal).toEqual(['legal_representative', 'phone']);
    expect(STREAM_DECLARATIONS['credit-change'].personal).toEqual([]);
    const fixed = STREAMS.filter((stream) => !STREAM_DECLARATIONS[stream].revocable);
    expect(fixed).toEqual(['sensor-reading']);
  });

  test('a profile offers its facts, all optional', () => {
    expect(Object.keys(profileFields)).toEqual([...PROFILE_FACTS, 'registered']);
    for (const field of Object.values(profileFields)) expect(field.optional).toBe(true);
    expect(profileFields['kind']?.type).toEqual({ type: 'string' });
    expect(profileFields['licence_until']?.type).toEqual({ type: 'timestamp' });
    expect(profileFields['tags']?.type).toEqual({ type: 'list', element: { type: 'string' } });
  });
});
