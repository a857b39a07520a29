// Short lists that keep no room to spare: most windows of most keys hold a handful of entries.

/** Shared by all lists that hold nothing; never written to. */
const NONE: never[] = [];

export function noEntries<T>(): T[] {
  return NONE;
}

/** Appends to a list, which may be replaced: a list of one, pushed to, would keep room for seventeen. */
export function append<T>(list: T[], item: T): T[] {
  switch (list.length) {
    case 0:
      return [item];
    case 1:
      return [list[0] as T, item];
    case 2:
      return [list[0] as T, list[1] as T, item];
    case 3:
      return [list[0] as T, list[1] as T, list[2] as T, item];
    default:
      list.push(item);
      return list;
  }
}

/** Appends two items at once, in the same way. */
export function appendPair<T>(list: T[], first: T, second: T): T[] {
  switch (list.length) {
    case 0:
      return [first, second];
    case 2:
      return [list[0] as T, list[1] as T, first, second];
    case 4:
      return [list[0] as T, list[1] as T, list[2] as T, list[3] as T, first, second];
    default:
      list.push(first, second);
      return list;
  }
}
