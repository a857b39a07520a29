// How often evaluate keeps its place: a key that changes in many batches is written once. What is said is written with
// every batch, and what is done again after a failure is dropped by its origins.
import type { Pace } from '../pipeline/checkpoint-pace.js';

const elapsed = () => performance.now();

/** On servers, where a checkpoint is sent to another machine. */
export const SERVERS_PACE: Pace = { records: 10_000, ms: 3_000, elapsed };

/** In one process, where everybody may ask how far it has come; who waits for all of it has it kept at once. */
export const EMBEDDED_PACE: Pace = { records: 5_000, ms: 1_000, elapsed };
