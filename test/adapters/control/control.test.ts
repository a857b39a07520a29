// The socket by which a command reaches the process that owns a data folder.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ask, openControl, toldFailure, type Control } from '../../../src/adapters/control/control.js';
import { CodedError } from '../../../src/events/coded-error.js';

const folder = mkdtempSync(join(tmpdir(), 'fenghuo-control-'));
let control: Control | null = null;
afterEach(async () => {
  await control?.close();
  control = null;
  rmSync(folder, { recursive: true, force: true });
});

async function firstLine(path: string): Promise<object> {
  const { lines, end } = await ask(path, 'snapshot');
  try {
    for await (const line of lines) return line;
    throw new Error('nothing was said');
  } finally {
    end();
  }
}

describe('the control socket', () => {
  it('answers, also at a path longer than a socket may have, and over what a killed process left', async () => {
    const deep = join(folder, 'd'.repeat(80), 'e'.repeat(80));
    mkdirSync(deep, { recursive: true });
    const path = join(deep, 'control.sock');
    writeFileSync(path, '');
    control = await openControl(path, async ({ asked, say }) => say({ asked }));
    expect(await firstLine(path)).toEqual({ asked: 'snapshot' });
  });

  it('says when the asker has gone', async () => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'control.sock');
    let gone: () => void = () => undefined;
    const noticed = new Promise<void>((done) => (gone = done));
    control = await openControl(path, async ({ say, over }) => {
      say({});
      await over;
      gone();
    });
    await firstLine(path);
    await noticed;
  });

  it('hands on the code of a failure', async () => {
    mkdirSync(folder, { recursive: true });
    const path = join(folder, 'control.sock');
    control = await openControl(path, async () => {
      throw new CodedError('BACKUP_BUSY');
    });
    expect(toldFailure(await firstLine(path))).toMatchObject({ code: 'BACKUP_BUSY' });
  });

  it('names what to do where nobody listens', async () => {
    await expect(ask(join(folder, 'nobody.sock'), 'snapshot')).rejects.toMatchObject({
      code: 'BACKUP_NO_ANSWER',
    });
  });
});
