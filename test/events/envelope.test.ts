import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  ALLOWED_SKEW_MS,
  parseCloudEvent,
  READING_AGE_LIMIT_MS,
  stamp,
  type ParsedEvent,
} from '../../src/events/envelope.js';
import { keyId, keyScope } from '../../src/events/event.js';
import { cloudEvent, EXAMPLES, USCC } from './examples.js';

const TIME = Date.UTC(2026, 2, 1, 1, 30);

function parsed(input: unknown): ParsedEvent {
  const result = parseCloudEvent(input);
  if (!result.ok) throw new Error(JSON.stringify(result));
  return result.event;
}

function refused(input: unknown) {
  const result = parseCloudEvent(input);
  return result.ok ? undefined : { code: result.code, field: result.field };
}

describe('the envelope', () => {
  test('an event is named, keyed and dated', () => {
    expect(parsed(cloudEvent('complaint'))).toEqual({
      kind: 'event',
      id: '/12345/haidian e-1',
      stream: 'complaint',
      source: '/12345/haidian',
      key: `subject:${USCC}`,
      time: TIME,
      data: EXAMPLES.complaint,
    });
  });

  test.each([
    ['specversion', '0.3', 'EVENT_ENVELOPE'],
    ['specversion', undefined, 'EVENT_ENVELOPE'],
    ['id', '', 'EVENT_ENVELOPE'],
    ['id', 7, 'EVENT_ENVELOPE'],
    ['id', 'a\nb', 'EVENT_ENVELOPE'],
    ['id', 'x'.repeat(257), 'EVENT_ENVELOPE'],
    ['source', undefined, 'EVENT_ENVELOPE'],
    ['source', 'a b', 'EVENT_ENVELOPE'],
    ['source', '', 'EVENT_ENVELOPE'],
    ['source', 'x'.repeat(257), 'EVENT_ENVELOPE'],
    ['type', undefined, 'EVENT_ENVELOPE'],
    ['type', 'fenghuo.gossip', 'EVENT_UNKNOWN_STREAM'],
    ['type', 'complaint', 'EVENT_UNKNOWN_STREAM'],
    ['type', 'fenghuo.constructor', 'EVENT_UNKNOWN_STREAM'],
    ['subject', '', 'EVENT_ENVELOPE'],
    ['subject', '某公司', 'EVENT_ENVELOPE'],
    ['subject', '91110000802100433C', 'EVENT_USCC'],
    ['time', '2026-03-01', 'EVENT_ENVELOPE'],
    ['time', '2026-03-01T09:30:00', 'EVENT_ENVELOPE'],
    ['time', 1772328600000, 'EVENT_ENVELOPE'],
    ['recordedtime', 'yesterday', 'EVENT_ENVELOPE'],
    ['datacontenttype', 'text/xml', 'EVENT_ENVELOPE'],
    ['data_base64', 'e30=', 'EVENT_ENVELOPE'],
    ['data', undefined, 'EVENT_DATA'],
    ['data', null, 'EVENT_DATA'],
    ['data', '{}', 'EVENT_DATA'],
    ['data', [], 'EVENT_DATA'],
    ['backfill', 'yes', 'EVENT_ENVELOPE'],
    ['revokessource', '/a', 'EVENT_ENVELOPE'],
    ['amendssource', '/a', 'EVENT_ENVELOPE'],
    ['revokes', 'e-1', 'EVENT_ENVELOPE'],
  ])('%s of %j is refused as %s', (attribute, value, code) => {
    const result = refused(cloudEvent('complaint', { [attribute]: value }));
    expect(result).toEqual({ code, field: attribute });
  });

  test.each([null, 3, 'x', [], undefined])('%j is no event', (input) => {
    expect(refused(input)).toEqual({ code: 'EVENT_ENVELOPE', field: undefined });
  });

  test('media types of JSON pass, as do attributes of others', () => {
    for (const datacontenttype of ['application/json; charset=utf-8', 'application/cloudevents+json', null]) {
      expect(
        refused(cloudEvent('complaint', { datacontenttype, traceparent: '00-1', dataschema: 7 })),
      ).toBeUndefined();
    }
  });

  test('nothing that arrives throws', () => {
    const attributes = fc.constantFrom(
      'id',
      'source',
      'type',
      'subject',
      'time',
      'data',
      'revokes',
      'backfill',
    );
    fc.assert(
      fc.property(attributes, fc.anything(), (attribute, value) => {
        expect(typeof parseCloudEvent(cloudEvent('registration', { [attribute]: value })).ok).toBe('boolean');
      }),
    );
  });
});

describe('keys', () => {
  const keyOf = (stream: Parameters<typeof cloudEvent>[0], changes: Record<string, unknown>) =>
    parsed(cloudEvent(stream, changes)).key;

  test('a reading belongs to its device', () => {
    expect(keyOf('sensor-reading', {})).toBe('device:meter:17');
    expect(refused(cloudEvent('sensor-reading', { subject: null }))?.code).toBe('EVENT_NO_KEY');
  });

  test('a registration belongs to what it registers', () => {
    expect(keyOf('registration', { subject: 'cam-7', data: { kind: 'device' } })).toBe('device:cam-7');
    expect(keyOf('registration', { subject: '中关村市场', data: { kind: 'place' } })).toBe(
      'place:中关村市场',
    );
    expect(keyOf('registration', { subject: 'area:3', data: { kind: 'area' } })).toBe('place:area:3');
    expect(keyOf('registration', { subject: 'site:3', data: { kind: 'site' } })).toBe('subject:site:3');
    expect(refused(cloudEvent('registration', { subject: null }))?.code).toBe('EVENT_NO_KEY');
  });

  test('where there is no subject the place is the key', () => {
    const data = { ...EXAMPLES.complaint, place: '中关村市场' };
    for (const subject of [null, undefined]) {
      const key = keyOf('complaint', { subject, data });
      expect([keyScope(key), keyId(key)]).toEqual(['place', '中关村市场']);
    }
    expect(refused(cloudEvent('complaint', { subject: null }))).toEqual({
      code: 'EVENT_NO_KEY',
      field: 'subject',
    });
  });
});

describe('ids without an id', () => {
  const { complaint } = EXAMPLES;
  const idOf = (changes: Record<string, unknown>, idKey?: Uint8Array) => {
    const result = parseCloudEvent(
      cloudEvent('complaint', { id: undefined, ...changes }),
      idKey ? { idKey } : {},
    );
    return result.ok ? result.event.id : undefined;
  };

  test('are a hash of the payload', () => {
    expect(idOf({})).toMatch(/^\/12345\/haidian sha256:[0-9a-f]{32}$/);
  });

  test('do not depend on the order of fields, the recorded arrival, or foreign attributes', () => {
    const reversed = Object.fromEntries(Object.entries(complaint).reverse());
    const event = cloudEvent('complaint', { id: null, data: reversed });
    const turned = Object.fromEntries(Object.entries(event).reverse());
    expect(parsed(turned).id).toBe(idOf({}));
    expect(idOf({ recordedtime: '2026-03-02T00:00:00Z', traceparent: '00-1', backfill: null })).toBe(
      idOf({}),
    );
  });

  test('differ with anything the sender says', () => {
    const ids = [
      idOf({}),
      idOf({ source: '/other' }),
      idOf({ subject: 'shop:1' }),
      idOf({ time: '2026-03-01T09:30:01+08:00' }),
      idOf({ backfill: true }),
      idOf({ data: { ...complaint, extra: 1 } }),
      idOf({ data: { ...complaint, extra: '1' } }),
      idOf({ revokes: 'a' }),
      idOf({ amends: 'a' }),
    ];
    expect(new Set(ids).size).toBe(ids.length);
  });

  test('cannot be guessed without the key where one is given', () => {
    const keyed = idOf({}, new Uint8Array(32).fill(1));
    expect(keyed).toMatch(/ sha256:[0-9a-f]{32}$/);
    expect(keyed).not.toBe(idOf({}));
    expect(keyed).toBe(idOf({}, new Uint8Array(32).fill(1)));
  });

  test('a field order chosen at random changes nothing', () => {
    const entries = Object.entries(complaint);
    fc.assert(
      fc.property(fc.shuffledSubarray(entries, { minLength: entries.length }), (shuffled) => {
        expect(idOf({ data: Object.fromEntries(shuffled) })).toBe(idOf({}));
      }),
    );
  });
});

describe('revocations and amendments', () => {
  test('a revocation needs no data', () => {
    expect(parsed(cloudEvent('penalty', { revokes: 'p-9', data: undefined }))).toMatchObject({
      revokes: '/12345/haidian p-9',
      key: `subject:${USCC}`,
      data: {},
    });
  });

  test('a revocation by place or of a device names its key in data', () => {
    const byPlace = { revokes: 'p-9', subject: null, data: { place: '中关村市场' } };
    expect(parsed(cloudEvent('complaint', byPlace)).key).toBe('place:中关村市场');
    const ofDevice = { revokes: 'r-9', subject: 'cam-7', data: { kind: 'device' } };
    expect(parsed(cloudEvent('registration', ofDevice)).key).toBe('device:cam-7');
    expect(refused(cloudEvent('complaint', { revokes: 'p-9', subject: null, data: {} }))?.code).toBe(
      'EVENT_NO_KEY',
    );
  });

  test('data that a revocation does give is still checked', () => {
    expect(refused(cloudEvent('complaint', { revokes: 'p-9', data: { amount: -1 } }))?.field).toBe(
      'data.amount',
    );
  });

  test('an amendment carries full data and may name another source', () => {
    expect(parsed(cloudEvent('penalty', { amends: 'p-9', amendssource: '/court' })).amends).toBe(
      '/court p-9',
    );
    expect(refused(cloudEvent('complaint', { amends: 'p-9', data: {} }))?.field).toBe('data.category');
    expect(refused(cloudEvent('complaint', { amends: 'p-9', revokes: 'p-9' }))?.field).toBe('amends');
  });

  test('an event of another source may have the same id', () => {
    expect(parsed(cloudEvent('penalty', { revokes: 'e-1', revokessource: '/court' })).revokes).toBe(
      '/court e-1',
    );
  });
});

describe('stamping', () => {
  const complaint = parsed(cloudEvent('complaint'));
  const reading = parsed(cloudEvent('sensor-reading'));

  test('an event gets its arrival and keeps its time', () => {
    const recorded = parsed(cloudEvent('complaint', { recordedtime: '2026-03-02T00:00:00Z' }));
    expect(recorded.recordedAt).toBe(Date.UTC(2026, 2, 2));
    const { recordedAt: _, ...rest } = recorded;
    expect(stamp(recorded, TIME + 1000)).toEqual({ ok: true, event: { ...rest, at: TIME + 1000 } });
  });

  test('without a time the arrival counts', () => {
    const event = parsed(cloudEvent('complaint', { time: null }));
    expect(event.time).toBeNull();
    expect(stamp(event, TIME)).toMatchObject({ ok: true, event: { time: TIME, at: TIME } });
  });

  test('a clock up to five minutes fast is forgiven, beyond it is refused', () => {
    expect(stamp(complaint, TIME - ALLOWED_SKEW_MS)).toMatchObject({
      event: { time: TIME - ALLOWED_SKEW_MS, at: TIME - ALLOWED_SKEW_MS },
    });
    expect(stamp(complaint, TIME - ALLOWED_SKEW_MS - 1)).toMatchObject({ ok: false, code: 'EVENT_FUTURE' });
  });

  test('a reading over an hour old is refused unless it is backfill', () => {
    expect(stamp(reading, TIME + READING_AGE_LIMIT_MS).ok).toBe(true);
    expect(stamp(reading, TIME + READING_AGE_LIMIT_MS + 1)).toMatchObject({
      ok: false,
      code: 'EVENT_TOO_OLD',
    });
    for (const backfill of [true, 'true']) {
      const old = parsed(cloudEvent('sensor-reading', { backfill }));
      expect(stamp(old, TIME + READING_AGE_LIMIT_MS + 1)).toMatchObject({
        ok: true,
        event: { backfill: true },
      });
    }
    expect(parsed(cloudEvent('sensor-reading', { backfill: 'false' }))).not.toHaveProperty('backfill');
  });

  test('other events may be as old as they are', () => {
    expect(stamp(complaint, TIME + 400 * 86_400_000).ok).toBe(true);
  });

  test('a reading cannot be revoked or amended', () => {
    for (const attribute of ['revokes', 'amends']) {
      const event = parsed(cloudEvent('sensor-reading', { [attribute]: 'r-1' }));
      expect(stamp(event, TIME)).toMatchObject({ ok: false, code: 'EVENT_NOT_REVOCABLE', field: attribute });
    }
  });
});
