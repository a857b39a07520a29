// What departments are told beside warnings: once each, whatever happens between.
import { describe, expect, it } from 'vitest';
import type { BulletinRecord } from '../../src/alerts/inbox.js';
import { local, played, told, turns, type Happening } from './timeline.js';

const bulletin = (when: string, id: string, department: string): Happening => {
  const at = local(when);
  const body = { message: '【信用评价】已完成。', quarter: '2026Q2' };
  const record: BulletinRecord = {
    kind: 'bulletin',
    at,
    id: id.repeat(32),
    topic: 'evaluation',
    department,
    body,
  };
  return { at, record: () => record };
};

describe('a bulletin', () => {
  it('is told to its department once, however often it comes', async () => {
    const life = await played(
      [
        bulletin('2026-09-16 10:00', 'a', 'market'),
        bulletin('2026-09-16 10:00', 'a', 'market'),
        bulletin('2026-09-16 10:00', 'b', 'health'),
        turns('2026-09-16 11:00', 'red'),
        bulletin('2026-09-16 12:00', 'a', 'market'),
      ],
      '2026-09-16 12:30',
    );
    expect(told(life).filter((line) => line.includes('evaluation'))).toEqual([
      '2026-09-16 10:00 market evaluation',
      '2026-09-16 10:00 health evaluation',
    ]);
    const [first] = life.deliveries;
    expect(first).toMatchObject({
      level: 'none',
      body: { quarter: '2026Q2', department_name: '市场监管局' },
    });
    // No warning waits for it.
    expect(life.state().pending).not.toContain(first?.id);
  });
});
