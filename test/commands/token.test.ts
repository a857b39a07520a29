// Tokens of a deployment on servers: given in the folder that its file names, with word of what is left to do.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fenghuo } from '../support/command-line.js';

let dir: string;
let config: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'fenghuo-token-'));
  config = join(dir, 'servers.yaml');
  // Nobody is asked: neither servers nor their passwords are needed.
  const kafka = "kafka: { brokers: ['127.0.0.1:9'], mechanism: plain, user: a, password: 'env:NO_SUCH' }";
  writeFileSync(config, `prefix: city\n${kafka}\ndata: machine\n`);
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('tokens on servers', () => {
  it('are given, listed and taken back where the file says, and others are to get the file', async () => {
    const given = await fenghuo(['token', 'add', 'op', '--role', 'operator', '--config', config], dir);
    expect([given.code, given.err]).toEqual([
      0,
      expect.stringContaining(join(dir, 'machine', 'tokens.json')),
    ]);
    expect(given.err).toContain('copy this one to every other machine');
    // Alone on standard output, for whoever keeps it in a variable.
    expect(given.out).toMatch(/^fh_[A-Za-z0-9_-]{43}\n$/);
    const listed = await fenghuo(['token', 'list', '--config', config], dir);
    expect([listed.code, listed.out, listed.err]).toEqual([0, expect.stringMatching(/^op\toperator\t/), '']);
    const revoked = await fenghuo(['token', 'revoke', 'op', '--config', config], dir);
    expect([revoked.code, revoked.err]).toEqual([0, expect.stringContaining('every other machine')]);
    expect(JSON.parse(readFileSync(join(dir, 'machine', 'tokens.json'), 'utf8'))).toEqual({ tokens: [] });
  });

  it('of a data folder need nothing more', async () => {
    const data = join(dir, 'data');
    const given = await fenghuo(['token', 'add', 'op', '--role', 'operator', '--data', data], dir);
    expect([given.code, given.err]).toEqual([0, '']);
    const both = await fenghuo(['token', 'list', '--data', data, '--config', config], dir);
    expect([both.code, both.err]).toEqual([expect.any(Number), expect.stringContaining('USAGE')]);
    expect(both.code).not.toBe(0);
  });
});
