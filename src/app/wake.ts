// A way for one loop to sleep until another has work for it.

export class Wake {
  private waiting: (() => void) | null = null;
  private called = false;

  /** Ends the current or the next wait. */
  call(): void {
    this.called = true;
    this.waiting?.();
  }

  /** Resolves at the next call, at once if there was one since the last wait, at the latest after `limitMs`. */
  wait(limitMs: number): Promise<void> {
    if (this.called) {
      this.called = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const { waiting: previous } = this;
      const done = () => {
        clearTimeout(timer);
        this.waiting = null;
        this.called = false;
        previous?.();
        resolve();
      };
      const timer = setTimeout(done, limitMs);
      this.waiting = done;
    });
  }
}
