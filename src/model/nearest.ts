// The nearest valid name to a misspelt one, for "did you mean".

/** Names longer than this are not compared; none of ours are. */
const MAX_NAME_LENGTH = 64;

/**
 * The candidate with the fewest edits (insert, delete, replace, swap neighbours) from `name`, letter case apart.
 * @returns undefined where none is near: one edit is allowed for each three letters, at least one and at most four.
 *   Ties go to the candidate that comes first.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = name.toLowerCase();
  if (wanted.length === 0 || wanted.length > MAX_NAME_LENGTH) return undefined;
  let best: string | undefined;
  let bestEdits = Math.min(4, Math.max(1, Math.floor(wanted.length / 3))) + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - wanted.length) >= bestEdits) continue;
    const edits = countEdits(wanted, candidate.toLowerCase());
    // Replacing every letter is not a near miss.
    if (edits < bestEdits && edits < Math.max(wanted.length, candidate.length)) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best;
}

/** Optimal string alignment distance. */
function countEdits(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1;
      let edits = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + same,
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) edits = Math.min(edits, (beforeLast[column - 2] ?? 0) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] ?? 0;
}
