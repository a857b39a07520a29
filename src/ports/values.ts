// Small named values of a deployment, such as the rules that it ran or how far its replay came.

export interface NamedValues {
  get(name: string): Promise<Uint8Array | undefined>;
  /** Keeps a value in place of the one before; durable once it resolves. */
  put(name: string, value: Uint8Array): Promise<void>;
  /** Keeps a value unless one is kept already. @returns the one that is kept, durable once it resolves */
  putOnce(name: string, value: Uint8Array): Promise<Uint8Array>;
}
