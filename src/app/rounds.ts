// How long rounds and checkpoints of the stages of a process take: measured once a batch, never once an event.
import { Histogram, type Registry } from 'prom-client';
import type { StateStore } from '../ports/state.js';

/** Seconds that a round takes, from nothing to do to a full batch with its checkpoint. */
const ROUND_BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5];
/** Consumers of a state store, by the first part of their namespaces; what else there is counts as other. */
const CONSUMERS = ['evaluate', 'derived', 'sequence', 'alert', 'deliver', 'archive', 'seals', 'ticks'];

/** Of this process, by role and by consumer. */
export class Rounds {
  private readonly seconds = new Histogram({
    name: 'fenghuo_round_seconds',
    help: 'Rounds of a role that did something, reading, writing and checkpoint included, by role.',
    labelNames: ['role'],
    buckets: ROUND_BUCKETS,
    registers: [],
  });
  private readonly checkpoints = new Histogram({
    name: 'fenghuo_checkpoint_seconds',
    help: 'Checkpoints written to the state store, by the consumer whose place they keep.',
    labelNames: ['consumer'],
    buckets: ROUND_BUCKETS,
    registers: [],
  });

  register(registry: Registry): void {
    registry.registerMetric(this.seconds);
    registry.registerMetric(this.checkpoints);
  }

  observe(role: string, seconds: number): void {
    this.seconds.observe({ role }, seconds);
  }

  /** A round whose time is observed where it did something. */
  timed(role: string, round: () => Promise<number>): () => Promise<number> {
    return async () => {
      const begun = performance.now();
      const done = await round();
      if (done > 0) this.observe(role, (performance.now() - begun) / 1_000);
      return done;
    };
  }

  /** A state store whose checkpoints are timed. */
  over(state: StateStore): StateStore {
    return {
      checkpoint: (namespace) => state.checkpoint(namespace),
      isCurrent: (namespace, sequence, nonce) => state.isCurrent(namespace, sequence, nonce),
      load: (namespace, keys) => state.load(namespace, keys),
      due: (namespace, until, limit) => state.due(namespace, until, limit),
      keys: (namespace, prefix, after, limit) => state.keys(namespace, prefix, after, limit),
      commit: async (namespace, checkpoint) => {
        const begun = performance.now();
        const committed = await state.commit(namespace, checkpoint);
        this.checkpoints.observe({ consumer: consumerOf(namespace) }, (performance.now() - begun) / 1_000);
        return committed;
      },
    };
  }
}

function consumerOf(namespace: string): string {
  const [first = ''] = namespace.split('/');
  return CONSUMERS.includes(first) ? first : 'other';
}
