// The dead letter of a delivery that no channel took: written once it is given up, and read again where state was lost.
import type { Code } from '../../events/codes.js';
import type { DeadLetter } from '../intake.js';
import type { DeadDelivery } from './item.js';

const SOURCE = 'deliveries/0';
const PLACE = /^deliveries\/0\/(\d{1,16})$/;
const MESSAGE = /^delivery (\S+) by (\S+) to (\S+): given up after (\d{1,9}) attempts\.(?: (.*))?$/s;

export function deadLetterOf(dead: DeadDelivery): DeadLetter {
  const { offset, id, channel, department, reason, detail, attempts, at } = dead;
  const said = `delivery ${id} by ${channel} to ${department}: given up after ${attempts} attempts. ${detail}`;
  const place = { source: SOURCE, original: `${SOURCE}/${offset}`, length: 0 };
  return { at, code: reason as Code, message: said.trim(), field: null, ...place };
}

/** What a letter says of a delivery, all but of which warning it is; null where it is about something else. */
export function deadOfLetter({ at, code, message, source, original }: DeadLetter): DeadDelivery | null {
  const offset = PLACE.exec(original)?.[1];
  const said = MESSAGE.exec(message);
  if (source !== SOURCE || offset === undefined || said === null) return null;
  const [, id = '', channel = '', department = '', attempts, detail = ''] = said;
  const given = { offset: Number(offset), id, warning: '', department, channel };
  return { ...given, attempts: Number(attempts), reason: code, detail, at };
}
