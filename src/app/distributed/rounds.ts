// How long the rounds of the workers of a process take.
import { Histogram, type Registry } from 'prom-client';

/** Seconds that a round takes, from nothing to do to a full batch with its checkpoint. */
const ROUND_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];

/** Of the rounds of this process, by role. */
export class Rounds {
  private readonly seconds = new Histogram({
    name: 'fenghuo_round_seconds',
    help: 'Rounds of the workers that did something, reading, writing and checkpoint included, by role.',
    labelNames: ['role'],
    buckets: ROUND_BUCKETS,
    registers: [],
  });

  register(registry: Registry): void {
    registry.registerMetric(this.seconds);
  }

  observe(role: string, seconds: number): void {
    this.seconds.observe({ role }, seconds);
  }
}
