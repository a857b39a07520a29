// The instants at which something falls due: a binary heap by due instant, with stale entries skipped on the way out.
import type { Key } from '../events/event.js';

export interface Timer {
  readonly due: number;
  readonly key: Key;
  /** Index of the model in the plan of the key's scope. */
  readonly model: number;
}

export class Timers {
  private readonly heap: Timer[] = [];

  get size(): number {
    return this.heap.length;
  }

  /** Earliest due instant, stale entries included; Infinity when empty. */
  get next(): number {
    return this.heap[0]?.due ?? Infinity;
  }

  clear(): void {
    this.heap.length = 0;
  }

  push(timer: Timer): void {
    const { heap } = this;
    let index = heap.length;
    heap.push(timer);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Timer;
      if (above.due <= timer.due) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = timer;
  }

  pop(): Timer | undefined {
    const { heap } = this;
    const top = heap[0];
    const last = heap.pop();
    if (top === undefined || last === undefined || heap.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && (heap[child + 1] as Timer).due < (heap[child] as Timer).due) child++;
      const below = heap[child] as Timer;
      if (below.due >= last.due) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return top;
  }
}
