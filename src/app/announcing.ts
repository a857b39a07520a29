// What departments are told besides warnings: one bulletin each, under an id that stays the same however often it is made.
import { createHash } from 'node:crypto';
import type { BulletinRecord } from '../alerts/inbox.js';
import { encodeJson } from '../pipeline/checkpoint.js';
import type { Log } from '../ports/log.js';

/** @param of what it is about, with its topic: the same topic, matter and department make the same bulletin */
export function bulletinFor(
  { topic, of, department }: { readonly topic: string; readonly of: string; readonly department: string },
  clock: number,
  body: BulletinRecord['body'],
): BulletinRecord {
  const id = createHash('sha256').update(`${topic} ${of}\n${department}`).digest('hex').slice(0, 32);
  return { kind: 'bulletin', at: Number.isFinite(clock) ? clock : 0, id, topic, department, body };
}

/** Lets the alert side tell them when it runs next. */
export async function announce(inbox: Log, bulletins: readonly BulletinRecord[]): Promise<void> {
  if (bulletins.length > 0) await inbox.append(0, bulletins.map(encodeJson));
}
