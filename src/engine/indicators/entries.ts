// Short lists that keep no room to spare: most windows of most keys hold a handful of entries.

/** Shared by all lists that hold nothing; never written to. */
const NONE: never[] = [];

export function noEntries<T>(): T[] {
  return NONE;
}

/** Up to so many items a list has room for an eighth more than it holds at the most, or for four more. */
const MODEST = 1_024;
/** By length: for how many more there is to be room from then on; 0 while there is some. */
const ROOM = roomByLength();

function roomByLength(): Uint8Array {
  const room = new Uint8Array(MODEST);
  for (let length = 4; length < MODEST; length += room[length] as number) {
    // Even, so that pairs find room at the same lengths.
    room[length] = Math.max(4, (length >> 4) << 1);
  }
  return room;
}

/**
 * Appends to a list, which may be replaced: a list that is pushed to keeps room for half as many more and for sixteen,
 * and that twice for each of the windows of a key, most of which hold a handful of entries.
 */
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
    default: {
      const roomy = withRoom(list);
      roomy.push(item);
      return roomy;
    }
  }
}

/** Appends two items at once, in the same way, to a list that holds pairs alone. */
export function appendPair<T>(list: T[], first: T, second: T): T[] {
  switch (list.length) {
    case 0:
      return [first, second];
    case 2:
      return [list[0] as T, list[1] as T, first, second];
    default: {
      const roomy = withRoom(list);
      roomy.push(first, second);
      return roomy;
    }
  }
}

/** The list, or where it is full a copy with some room. */
function withRoom<T>(list: T[]): T[] {
  const { length } = list;
  const more = length < MODEST ? (ROOM[length] as number) : 0;
  return more === 0 ? list : withRoomFor(list, more);
}

/** A copy with room for as many more, no more than it holds: V8 keeps that of items that are gone while it is little. */
function withRoomFor<T>(list: T[], more: number): T[] {
  const roomy = list.concat(list.slice(0, more));
  roomy.length = list.length;
  return roomy;
}

/** A copy of the last items of a list, with as much room as if they had been appended one by one. */
export function lastOf<T>(list: readonly T[], from: number): T[] {
  const last = list.slice(from);
  const { length } = last;
  if (length < 4 || length >= MODEST) return last;
  let more = 0;
  while (ROOM[length + more] === 0) more++;
  return more === 0 || more > length ? last : withRoomFor(last, more);
}
