import { describe, expect, it } from 'vitest';
import { isOwnForm, Logins } from '../../../src/adapters/http/pages/logins.js';

const HOUR = 3_600_000;

describe('logins', () => {
  it('last twelve hours', () => {
    let now = 0;
    const logins = new Logins(() => now);
    const { cookie } = logins.begin('token', null);
    now = 12 * HOUR - 1;
    expect(logins.find(cookie)).toMatchObject({ token: 'token' });
    now = 12 * HOUR;
    expect(logins.find(cookie)).toBeUndefined();
  });

  it('have cookies and form tokens of their own that nobody guesses', () => {
    const logins = new Logins(() => 0);
    const all = Array.from({ length: 100 }, () => logins.begin('token', null));
    expect(new Set(all.flatMap(({ cookie, login }) => [cookie, login.csrf])).size).toBe(200);
    for (const { cookie } of all) expect(Buffer.from(cookie, 'base64url')).toHaveLength(32);
    const [one, two] = all;
    expect(isOwnForm(one!.login, one!.login.csrf)).toBe(true);
    for (const csrf of [two!.login.csrf, '', null, `${one!.login.csrf}x`])
      expect(isOwnForm(one!.login, csrf)).toBe(false);
  });

  it('are at most 10,000; beyond that the oldest ends', () => {
    let now = 0;
    const logins = new Logins(() => now++);
    const first = logins.begin('token', null);
    const second = logins.begin('token', null);
    for (let count = 2; count < 10_000; count++) logins.begin(null, null);
    expect(logins.find(first.cookie)).toBeDefined();
    logins.begin(null, null);
    expect(logins.size).toBe(10_000);
    expect(logins.find(first.cookie)).toBeUndefined();
    expect(logins.find(second.cookie)).toBeDefined();
  });

  it('forget those that are over when another begins', () => {
    let now = 0;
    const logins = new Logins(() => now);
    for (let count = 0; count < 50; count++) logins.begin('token', null);
    now = 13 * HOUR;
    logins.begin('token', null);
    expect(logins.size).toBe(1);
  });
});
