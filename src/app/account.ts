// Who runs a command, as the system knows him.
import { userInfo } from 'node:os';

/** `os:` and the name of the user; no token is called so. */
export function account(): string {
  try {
    return `os:${userInfo().username}`;
  } catch {
    // A user without an entry, as in many containers.
    return `os:${process.getuid?.() ?? 'unknown'}`;
  }
}
