// What departments are told beside warnings: one message each, such as the summary of a quarter's evaluation.
import type { Catalogue } from '../catalogue/catalogue.js';
import type { BulletinRecord } from './inbox.js';
import { deliveryId, type PlannedDelivery } from './messages.js';
import { outright } from './routing.js';

/** The messages of a bulletin: one for each channel of its department. The same bulletin always gives the same ones. */
export function bulletinDeliveries(
  { id, topic, department, body }: BulletinRecord,
  catalogue: Catalogue,
  at: number,
): PlannedDelivery[] {
  const name = catalogue.departments.get(department)?.name ?? null;
  return outright(catalogue, department, 'cooperating', 'notice').map(({ channel }) => ({
    id: deliveryId(id, 'bulletin', department, channel),
    // It is of no warning, and none waits for its arrival.
    warning: '',
    covers: [],
    ordinal: 0,
    department,
    role: topic,
    channel,
    kind: topic,
    level: 'none',
    item: '',
    model: '',
    region: null,
    at,
    body: { ...body, kind: topic, level: 'none', department, department_name: name },
  }));
}
