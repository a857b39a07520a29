// Region codes as prefixes of each other: a province has 2 digits, a city 4, a county 6, a township 9, a village 12.

/** Lengths of prefixes, longest first. */
const PREFIX_LENGTHS = [12, 9, 6, 4, 2] as const;

/**
 * The digits of a region code that its parts share. Groups of zeros at the end mean the whole of what is before them
 * (GB/T 2260: `330100` is the city `3301`, `330199000000` the county `330199`).
 */
export function regionPrefix(code: string): string {
  if (!code.endsWith('00')) return code;
  let prefix = code;
  for (const [length, shorter] of [
    [12, 9],
    [9, 6],
    [6, 4],
    [4, 2],
  ] as const) {
    if (prefix.length === length && /^0+$/.test(prefix.slice(shorter))) prefix = prefix.slice(0, shorter);
  }
  return prefix;
}

/** Whether a region lies in another, or is that one. Both as `regionPrefix` gives them. */
export function isWithin(region: string, prefix: string): boolean {
  return region.startsWith(prefix);
}

/**
 * The prefix of a region and all shorter ones, longest first, the empty one last.
 * @param region a region code, or null where a warning has none: only what answers for all regions covers it
 */
export function prefixesOf(region: string | null): string[] {
  const longest = regionPrefix(region ?? '');
  const lengths = PREFIX_LENGTHS.filter((length) => length <= longest.length);
  return [...lengths.map((length) => longest.slice(0, length)), ''];
}
