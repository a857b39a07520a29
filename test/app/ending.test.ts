// The end of a process is bounded, whatever does not end by itself.
import { describe, expect, it, vi } from 'vitest';
import { boundEnd } from '../../src/app/ending.js';

const opened = (limitMs: number) => {
  const codes: number[] = [];
  const said: object[] = [];
  let stop = (): void => undefined;
  const stopped = new Promise<void>((done) => (stop = done));
  const log = { error: (fields: object) => void said.push(fields) };
  const ending = boundEnd(stopped, log, (code) => void codes.push(code), limitMs);
  return { codes, said, stop, ending };
};

describe('the end of a process', () => {
  it('comes at its limit where a part does not end, says so, and fails', async () => {
    const { codes, said, stop } = opened(20);
    stop();
    await vi.waitFor(() => expect(codes).toEqual([1]), { interval: 5 });
    expect(said).toEqual([{ code: 'STOP_OVERDUE', limitMs: 20 }]);
  });

  it('comes without failing where all has ended, although a connection is still open', async () => {
    const { codes, said, stop, ending } = opened(5_000);
    stop();
    ending.ended();
    await vi.waitFor(() => expect(codes).toEqual([0]), { interval: 5 });
    expect(said).toEqual([]);
  });

  it('does not come before anybody asks for it', async () => {
    const { codes, ending } = opened(0);
    ending.ended();
    await new Promise((done) => setImmediate(done));
    expect(codes).toEqual([]);
  });
});
