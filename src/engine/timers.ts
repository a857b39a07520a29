// The instants at which something falls due: a binary heap by due instant, with stale entries skipped on the way out.
import type { ModelState } from './key-state.js';

export class Timers {
  /** Heap of instants, apart from what they are for, so that they lie side by side. */
  private readonly dues: number[] = [];
  private readonly waiting: ModelState[] = [];

  get size(): number {
    return this.dues.length;
  }

  /** Earliest due instant, stale entries included; Infinity when empty. */
  get next(): number {
    return this.dues.length === 0 ? Infinity : (this.dues[0] as number);
  }

  clear(): void {
    for (const modelState of this.waiting) modelState.armed = Infinity;
    this.dues.length = 0;
    this.waiting.length = 0;
  }

  /** Sees to it that `pop` gives the model at an instant, or before it and the caller arms it again. */
  arm(due: number, modelState: ModelState): void {
    if (modelState.armed <= due) return;
    modelState.armed = due;
    this.push(due, modelState);
  }

  /** Takes the earliest out; undefined when empty. */
  pop(): ModelState | undefined {
    const due = this.next;
    const modelState = this.take();
    if (modelState?.armed === due) modelState.armed = Infinity;
    return modelState;
  }

  private push(due: number, modelState: ModelState): void {
    const { dues, waiting } = this;
    let index = dues.length;
    dues.push(due);
    waiting.push(modelState);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if ((dues[parent] as number) <= due) break;
      dues[index] = dues[parent] as number;
      waiting[index] = waiting[parent] as ModelState;
      index = parent;
    }
    dues[index] = due;
    waiting[index] = modelState;
  }

  private take(): ModelState | undefined {
    const { dues, waiting } = this;
    const top = waiting[0];
    const due = dues.pop();
    const last = waiting.pop();
    if (due === undefined || last === undefined || dues.length === 0) return top;
    let index = 0;
    for (;;) {
      let child = index * 2 + 1;
      if (child >= dues.length) break;
      if (child + 1 < dues.length && (dues[child + 1] as number) < (dues[child] as number)) child++;
      if ((dues[child] as number) >= due) break;
      dues[index] = dues[child] as number;
      waiting[index] = waiting[child] as ModelState;
      index = child;
    }
    dues[index] = due;
    waiting[index] = last;
    return top;
  }
}
