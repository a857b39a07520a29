// What somebody who looks at a server finds: how it is, how it is expected to be, and what to do about it.

export interface Finding {
  /** What was looked at, such as `fenghuo.events retention.ms`. */
  readonly about: string;
  /** An error keeps the system from running, or from keeping its promises; a warning is for a person to judge. */
  readonly level: 'ok' | 'warning' | 'error';
  readonly found: string;
  readonly expected?: string;
  /** A command, or a line of configuration. */
  readonly fix?: string;
  /** Name of what went wrong with a connection, such as `ECONNREFUSED`. */
  readonly fault?: string;
}
