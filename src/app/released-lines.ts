// What was not there to be read because its term was over, in a line.
import type { ReleasedStream } from '../pipeline/retention/released.js';

/** For operators; nothing where nothing went. */
export function releasedText(released: readonly ReleasedStream[]): string[] {
  if (released.length === 0) return [];
  const streams = released.map(({ stream, until }) => `${stream} up to ${until}`).join(', ');
  return [
    `let go at the end of their term, and not read: ${streams}; what rests on them may come out otherwise`,
  ];
}

/** The same for officials. */
export function releasedLines(released: readonly ReleasedStream[]): string[] {
  if (released.length === 0) return [];
  const streams = released.map(({ stream, until }) => `${stream} 至 ${until}`).join('、');
  return [`保存期满已删除、没有读到的事件：${streams}；靠这些事件得出的预警，这里可能没有或者不同`];
}
