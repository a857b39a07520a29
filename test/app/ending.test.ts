// The end of a process is bounded, whatever does not end by itself.
import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { openLog } from '../../src/app/log.js';
import { boundEnd, endOnFailure } from '../../src/app/ending.js';

const opened = (limitMs: number) => {
  const codes: number[] = [];
  const said: object[] = [];
  let stop = (): void => undefined;
  const stopped = new Promise<void>((done) => (stop = done));
  const lines: string[] = [];
  const log = {
    info: (_fields: object, message: string) => void lines.push(message.split(/[:,]/)[0] ?? ''),
    error: (fields: object) => void said.push(fields),
  };
  const ending = boundEnd(stopped, log, (code) => void codes.push(code), limitMs);
  return { codes, said, lines, stop, ending };
};

describe('a failure that nobody expected', () => {
  it('ends the process after a line that says where, and not what the error quotes', () => {
    const codes: number[] = [];
    let text = '';
    const log = openLog('info', { write: (line) => void (text += line) });
    const source = new EventEmitter();
    endOnFailure(log, source, (code) => void codes.push(code));
    source.emit('uncaughtException', new SyntaxError('Unexpected token in {"name":"赵钱孙丽"}'));
    expect(codes).toEqual([1]);
    expect(text).not.toContain('赵钱孙丽');
    expect(JSON.parse(text)).toMatchObject({ stage: 'process', code: 'INTERNAL', error: 'SyntaxError' });
  });
});

describe('the end of a process', () => {
  it('comes at its limit where a part does not end, says so, and fails', async () => {
    const { codes, said, lines, stop } = opened(20);
    stop();
    await vi.waitFor(() => expect(codes).toEqual([1]), { interval: 5 });
    expect(lines).toEqual(['asked to end']);
    expect(said).toEqual([{ code: 'STOP_OVERDUE', limitMs: 20 }]);
  });

  it('comes without failing where all has ended, although a connection is still open', async () => {
    const { codes, said, lines, stop, ending } = opened(5_000);
    stop();
    await vi.waitFor(() => expect(lines).toEqual(['asked to end']), { interval: 5 });
    ending.ended();
    await vi.waitFor(() => expect(codes).toEqual([0]), { interval: 5 });
    expect(lines).toEqual(['asked to end', 'ended']);
    expect(said).toEqual([]);
  });

  it('does not come before anybody asks for it', async () => {
    const { codes, ending } = opened(0);
    ending.ended();
    await new Promise((done) => setImmediate(done));
    expect(codes).toEqual([]);
  });
});
