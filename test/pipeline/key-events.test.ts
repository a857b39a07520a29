// Events at hand by their keys: the newest of each, as they were given, and no more bytes than there is room for.
import { describe, expect, it } from 'vitest';
import { KeyEvents } from '../../src/pipeline/key-events.js';

const bytesOf = (text: string) => new TextEncoder().encode(text);

describe('events of keys', () => {
  it('are what was put, whatever is put after them', () => {
    const events = new KeyEvents(1_000_000);
    for (let place = 0; place < 20; place++) {
      events.put('subject:a', place, bytesOf(`event ${place} `.repeat(place + 1)));
      events.put('subject:b', 100 + place, bytesOf('other'));
    }
    for (let place = 0; place < 20; place++) {
      expect(events.get('subject:a', place)).toEqual(bytesOf(`event ${place} `.repeat(place + 1)));
    }
    expect(events.get('subject:b', 0)).toBeUndefined();
    expect(events.get('subject:c', 0)).toBeUndefined();
  });

  it('are the twenty newest, of which none is taken twice or out of order', () => {
    const events = new KeyEvents(1_000_000);
    for (let place = 0; place < 50; place++) events.put('subject:a', place, bytesOf(`event ${place}`));
    events.put('subject:a', 40, bytesOf('again'));
    expect(events.get('subject:a', 29)).toBeUndefined();
    for (let place = 30; place < 50; place++) {
      expect(events.get('subject:a', place)).toEqual(bytesOf(`event ${place}`));
    }
  });

  it('of the key that was silent for the longest go first', () => {
    const events = new KeyEvents(20_000);
    for (let key = 0; key < 200; key++) {
      events.put(`subject:${key}`, key, new Uint8Array(300));
      events.put('subject:busy', 1_000 + key, bytesOf('x'));
    }
    expect(events.size).toBeLessThanOrEqual(20_000);
    expect(events.get('subject:0', 0)).toBeUndefined();
    expect(events.get('subject:199', 199)).toEqual(new Uint8Array(300));
    expect(events.get('subject:busy', 1_199)).toEqual(bytesOf('x'));
  });

  it('that are too large are left to the log', () => {
    const events = new KeyEvents(1_000_000);
    events.put('subject:a', 1, new Uint8Array(100_000));
    events.put('subject:a', 2, bytesOf('small'));
    expect(events.get('subject:a', 1)).toBeUndefined();
    expect(events.get('subject:a', 2)).toEqual(bytesOf('small'));
  });
});
