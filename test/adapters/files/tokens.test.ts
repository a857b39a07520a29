import { createHash } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TOKEN_LIMITS, Tokens } from '../../../src/adapters/files/tokens.js';
import { MemoryValues } from '../../../src/adapters/memory/values.js';

const NOW = Date.UTC(2026, 2, 1);
const HOUR = 3_600_000;
const grant = (id: string, expires = NOW + HOUR) =>
  ({ id, role: 'department', department: 'market-regulation', region: null, expires }) as const;

let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fenghuo-tokens-'));
  path = join(dir, 'tokens.json');
});
afterEach(() => rm(dir, { recursive: true }));

describe('the file of tokens', () => {
  it('holds the hash of a token and never the token', async () => {
    const token = await new Tokens(path).grant(grant('clerk'), NOW);
    expect(token).toMatch(/^fh_[A-Za-z0-9_-]{43}$/);
    const text = await readFile(path, 'utf8');
    expect(text).not.toContain(token);
    expect(text).not.toContain(token.slice(3));
    expect(text).toContain(createHash('sha256').update(token).digest('hex'));
  });

  it('of one machine closes those of a deployment that have no file, and opens none by theirs', async () => {
    const values = new MemoryValues();
    const [first, second] = [new Tokens(path, values), new Tokens(join(dir, 'other.json'), values)];
    expect([await first.required(), await second.required()]).toEqual([false, false]);
    const token = await first.grant(grant('clerk'), NOW);
    expect([await first.required(), await second.required()]).toEqual([true, true]);
    expect(await second.find(token, NOW)).toBeUndefined();
  });

  it('gives every account another token', async () => {
    const tokens = new Tokens(path);
    expect(await tokens.grant(grant('one'), NOW)).not.toBe(await tokens.grant(grant('two'), NOW));
  });

  it.skipIf(process.platform === 'win32')(
    'may be read by its owner alone, and is refused where others may',
    async () => {
      const tokens = new Tokens(path);
      const token = await tokens.grant(grant('clerk'), NOW);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
      await chmod(path, 0o640);
      await expect(new Tokens(path).find(token, NOW)).rejects.toMatchObject({ code: 'TOKEN_FILE' });
      await expect(new Tokens(path).required()).rejects.toMatchObject({ code: 'TOKEN_FILE' });
    },
  );

  it('is refused where it is damaged, so that nobody passes', async () => {
    const tokens = new Tokens(path);
    await tokens.grant(grant('clerk'), NOW);
    await truncate(path, 20);
    await expect(tokens.required()).rejects.toMatchObject({ code: 'TOKEN_FILE' });
    await writeFile(path, '{"tokens":[{"id":"x"}]}', { mode: 0o600 });
    await expect(tokens.required()).rejects.toMatchObject({ code: 'TOKEN_FILE' });
    await truncate(path, TOKEN_LIMITS.fileBytes + 1);
    await expect(tokens.required()).rejects.toMatchObject({ code: 'TOKEN_FILE' });
  });
});

describe('a token', () => {
  it('names its account until it expires', async () => {
    const tokens = new Tokens(path);
    const token = await tokens.grant(grant('clerk'), NOW);
    expect(await tokens.find(token, NOW + HOUR - 1)).toMatchObject({
      id: 'clerk',
      department: 'market-regulation',
    });
    expect(await tokens.find(token, NOW + HOUR)).toBeUndefined();
  });

  it.each([
    (token: string) => `${token}x`,
    (token: string) => token.slice(0, -1),
    (token: string) => token.toUpperCase(),
    (token: string) => createHash('sha256').update(token).digest('hex'),
    () => '',
  ])('is known whole and as it was given alone (%#)', async (change) => {
    const tokens = new Tokens(path);
    const token = await tokens.grant(grant('clerk'), NOW);
    expect(await tokens.find(change(token), NOW)).toBeUndefined();
  });

  it('is refused from the moment at which another process revokes it', async () => {
    const [serving, command] = [new Tokens(path), new Tokens(path)];
    const token = await command.grant(grant('clerk'), NOW);
    expect(await serving.find(token, NOW)).toBeDefined();
    expect(await command.revoke('clerk')).toBe(true);
    expect(await serving.find(token, NOW)).toBeUndefined();
    expect(await command.revoke('clerk')).toBe(false);
  });

  it('has an id of its own', async () => {
    const tokens = new Tokens(path);
    await tokens.grant(grant('clerk'), NOW);
    await expect(tokens.grant(grant('clerk'), NOW)).rejects.toMatchObject({ code: 'TOKEN_EXISTS' });
  });
});

describe('whether tokens are asked for', () => {
  it('begins with the first token and never ends: not with the last one revoked, not with all expired', async () => {
    const tokens = new Tokens(path);
    expect(await tokens.required()).toBe(false);
    const token = await tokens.grant(grant('clerk', NOW - 1), NOW - HOUR);
    expect(await tokens.required()).toBe(true);
    expect(await tokens.find(token, NOW)).toBeUndefined();
    expect(await tokens.revoke('clerk')).toBe(true);
    expect(await tokens.list()).toEqual([]);
    expect(await tokens.required()).toBe(true);
    expect(await new Tokens(path).required()).toBe(true);
  });

  it('goes on where the file is gone, once values kept that a token was given', async () => {
    const values = new MemoryValues();
    expect(await new Tokens(path, values).required()).toBe(false);
    await new Tokens(path).grant(grant('clerk'), NOW);
    const serving = new Tokens(path, values);
    expect([await serving.required(), serving.isFileThere]).toEqual([true, true]);
    await rm(path);
    expect([await serving.required(), serving.isFileThere]).toEqual([true, false]);
    expect(await new Tokens(path, values).required()).toBe(true);
  });

  it('is kept before a copy is taken, though nobody asked since the first token', async () => {
    const values = new MemoryValues();
    await new Tokens(path, values).keepGiven();
    expect(await new Tokens(path, values).required()).toBe(false);
    await new Tokens(path).grant(grant('clerk'), NOW);
    await new Tokens(path, values).keepGiven();
    await rm(path);
    expect(await new Tokens(path, values).required()).toBe(true);
  });

  it('is known from the file where values can be kept no more', async () => {
    const full = () => Promise.reject(new Error('full'));
    const values = { get: async () => undefined, put: full, putOnce: full };
    await new Tokens(path).grant(grant('clerk'), NOW);
    expect(await new Tokens(path, values).required()).toBe(true);
    await expect(new Tokens(path, values).keepGiven()).rejects.toThrow('full');
  });
});
