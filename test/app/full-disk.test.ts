// A disk that is full: senders are told to come again, and whoever asks whether the system is ready hears why it is not.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CodedError } from '../../src/events/coded-error.js';
import { codeOf, complaint } from '../adapters/http/opened.js';
import { openOffice, type Office } from './office.js';

let office: Office;
beforeAll(async () => {
  office = await openOffice();
});
afterAll(() => office.close());

const ready = async () => {
  const { status, text } = await office.ask('/readyz');
  return [status, (JSON.parse(text) as { waiting: string[] }).waiting];
};
const event = (id: string) => ({ ...complaint(id), type: 'fenghuo.opinion', data: { platform: '微博' } });

describe('a full disk', () => {
  it('is answered with 503 and when to send again, and is what readiness waits for until it takes writes', async () => {
    expect(await ready()).toEqual([200, []]);
    const { events } = office.embedded.folder.logs;
    const append = events.append.bind(events);
    events.append = async () => Promise.reject(new CodedError('STORE_FULL'));
    const refused = await office.ask('/v1/events', { json: event('a') });
    expect([refused.status, codeOf(refused)]).toEqual([503, 'HTTP_STORE']);
    expect(refused.headers['retry-after']).toBe('30');
    expect(office.failures.map(({ code }) => code)).toEqual(['STORE_FULL']);
    expect(await ready()).toEqual([503, ['store']]);

    events.append = append;
    expect((await office.ask('/v1/events', { json: event('a') })).status).toBe(202);
    // A disk that is nearly full takes some writes and not others.
    expect(await ready()).toEqual([503, ['store']]);
    await office.pass(30_000);
    expect(await ready()).toEqual([200, []]);
  });

  it('is not what refuses an event that is wrong in itself', async () => {
    expect((await office.ask('/v1/events', { json: { ...event('b'), time: 'soon' } })).status).toBe(202);
    expect(await ready()).toEqual([200, []]);
  });
});
