// What of the comings and goings of callers the audit log hears, so that nobody can fill it from outside.

const WINDOW_MS = 60_000;
const STRANGERS_PER_WINDOW = 60;
/** Accounts there may be, and a login and a token of each. */
const KNOWN_MAX = 20_000;

export class Sightings {
  /** By what was seen of whom, when it was noted last; the one noted last comes last. */
  private readonly noted = new Map<string, number>();
  private windowStart = -Infinity;
  private strangers = 0;
  private unnoted = 0;

  /** @param now epoch ms */
  constructor(private readonly now: () => number) {}

  /** Whether something is to be noted that was not noted for so long. */
  isNew(what: string, quietMs: number): boolean {
    const now = this.now();
    const last = this.noted.get(what);
    if (last !== undefined && now - last < quietMs) return false;
    this.noted.delete(what);
    this.noted.set(what, now);
    const [oldest = ''] = this.noted.keys();
    if (this.noted.size > KNOWN_MAX) this.noted.delete(oldest);
    return true;
  }

  /**
   * Counts somebody who comes without a valid token.
   * @returns how many before that one were not noted; null where that one is not either
   */
  stranger(): number | null {
    const now = this.now();
    if (now - this.windowStart >= WINDOW_MS) {
      this.windowStart = now;
      this.strangers = 0;
    }
    this.strangers += 1;
    if (this.strangers > STRANGERS_PER_WINDOW) {
      this.unnoted += 1;
      return null;
    }
    const { unnoted } = this;
    this.unnoted = 0;
    return unnoted;
  }
}
