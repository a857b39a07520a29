// Reading what lies below a prefix, however much that is.
import type { StateStore } from '../ports/state.js';
import { decodeJson } from './checkpoint.js';

/** The names of records that start with a prefix, in their order, in pages of at most `size`; none is empty. */
export async function* namePages(
  state: StateStore,
  namespace: string,
  prefix: string,
  size: number,
): AsyncGenerator<string[]> {
  for (let after = ''; ;) {
    const names = await state.keys(namespace, prefix, after, size);
    const last = names.at(-1);
    if (last === undefined) return;
    yield names;
    if (names.length < size) return;
    after = last;
  }
}

/** The records below a prefix as JSON, in the order of their names, which are given without it. */
export async function* storedRecords<T>(
  state: StateStore,
  namespace: string,
  prefix: string,
  size: number,
): AsyncGenerator<readonly [name: string, record: T]> {
  for await (const names of namePages(state, namespace, prefix, size)) {
    const stored = await state.load(namespace, names);
    for (const [index, name] of names.entries()) {
      const bytes = stored[index];
      if (bytes !== undefined) yield [name.slice(prefix.length), decodeJson<T>(bytes)];
    }
  }
}
