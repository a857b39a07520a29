// Who is logged in: what the cookie of a browser stands for, in memory only.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

export const LIFE_SECONDS = 12 * 3_600;
const LOGINS_MAX = 10_000;
const SECRET_BYTES = 32;

export interface Login {
  /** With each page it is asked anew, so that a token that is revoked ends its logins; null where none is asked for. */
  readonly token: string | null;
  /** For whom to act where no tokens are asked for. */
  readonly department: string | null;
  /** Stands in every form of this login, and nobody else knows it. */
  readonly csrf: string;
  readonly expires: number;
}

/** At most 10,000 logins of twelve hours; beyond that the oldest ends. */
export class Logins {
  /** By the hash of the cookie, so that how long a look takes says nothing of one that would fit; oldest first. */
  private readonly byHash = new Map<string, Login>();

  constructor(private readonly now: () => number) {}

  get size(): number {
    return this.byHash.size;
  }

  /** Begins a login. @returns the value of its cookie */
  begin(token: string | null, department: string | null): { readonly cookie: string; readonly login: Login } {
    const cookie = randomBytes(SECRET_BYTES).toString('base64url');
    const csrf = randomBytes(SECRET_BYTES).toString('base64url');
    const login = { token, department, csrf, expires: this.now() + LIFE_SECONDS * 1_000 };
    this.forget();
    this.byHash.set(hashOf(cookie), login);
    return { cookie, login };
  }

  find(cookie: string): Login | undefined {
    const login = this.byHash.get(hashOf(cookie));
    return login === undefined || login.expires <= this.now() ? undefined : login;
  }

  end(cookie: string): void {
    this.byHash.delete(hashOf(cookie));
  }

  /** Makes room. All live equally long, so that the oldest end first. */
  private forget(): void {
    for (const [hash, { expires }] of this.byHash) {
      if (expires > this.now() && this.byHash.size < LOGINS_MAX) return;
      this.byHash.delete(hash);
    }
  }
}

/** Whether a form is one that a login was given. */
export function isOwnForm(login: Login, csrf: string | null): boolean {
  const [given, known] = [hashed(csrf ?? ''), hashed(login.csrf)];
  return timingSafeEqual(given, known);
}

function hashOf(cookie: string): string {
  return hashed(cookie).toString('base64');
}

function hashed(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
