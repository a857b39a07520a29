// What was asked for last, by name: as much as is to be kept, and at most twice that.

export class Recent<K, V> {
  private young = new Map<K, V>();
  private old = new Map<K, V>();

  /** @param kept how many values are kept at least */
  constructor(private readonly kept: number) {}

  get(name: K): V | undefined {
    const value = this.young.get(name);
    if (value !== undefined) return value;
    const former = this.old.get(name);
    if (former !== undefined) this.set(name, former);
    return former;
  }

  set(name: K, value: V): void {
    if (this.young.size >= this.kept) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(name, value);
  }
}
