// What a log may do besides: let go of records of its past. Their offsets stay, and nobody gets them any more.

export interface LettingGo {
  /** Offset of a partition below which records may be missing; 0 where none is. */
  released(partition: number): Promise<number>;
  /**
   * Lets go of records; those that are gone already are passed over. Durable, or without a trace, once this settles.
   * @param below all of them lie below it; the newest record of the log may not
   */
  letGo(partition: number, offsets: readonly number[], below: number): Promise<void>;
}
