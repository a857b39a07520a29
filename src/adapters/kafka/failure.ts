// What an error of the client means to whoever uses a log, and the end of waiting for it.
import { CodedError } from '../../events/coded-error.js';
import { kafkaFault } from './connection.js';

const TOO_LARGE = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];

/** Texts of the client may hold addresses, so only the name of its error is shown. */
export function logFailure(thrown: unknown, topic: string): CodedError {
  if (thrown instanceof CodedError) return thrown;
  const { name } = kafkaFault(thrown);
  if (TOO_LARGE.includes(name)) {
    const text = `Topic ${topic} takes smaller records than the file of topics says (${name}).`;
    return new CodedError('STORE_TOO_LARGE', text, thrown);
  }
  const hint = name === 'UNKNOWN_TOPIC_OR_PARTITION' ? '; make the topics first' : '';
  return new CodedError('STORE_UNREACHABLE', `Kafka says ${name} of topic ${topic}${hint}.`, thrown);
}

/** The same of a group of readers and what it reads. */
export function groupFailure(thrown: unknown, group: string, topics: readonly string[]): CodedError {
  if (thrown instanceof CodedError) return thrown;
  const { name } = kafkaFault(thrown);
  const hint = name === 'UNKNOWN_TOPIC_OR_PARTITION' ? `; make the topics first: ${topics.join(', ')}` : '';
  return new CodedError('STORE_UNREACHABLE', `Kafka says ${name} of group ${group}${hint}.`, thrown);
}

/** What is asked for, or STORE_UNREACHABLE once it takes too long; it may go on nevertheless. */
export async function within<T>(timeoutMs: number, asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const overdue = new Promise<never>((_, reject) => {
    const say = () => reject(new CodedError('STORE_UNREACHABLE', `Kafka took over ${timeoutMs} ms.`));
    timer = setTimeout(say, timeoutMs);
  });
  try {
    return await Promise.race([asked, overdue]);
  } finally {
    clearTimeout(timer);
  }
}
