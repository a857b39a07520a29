// Other rules are announced while all goes on: the first ones and the later ones in turn.
import type { Stage } from './faults.js';

/** Why rules may not come in at a moment at which something else happens: none of them is a loss. */
const NOT_NOW = ['MODELS_BUSY', 'NOT_BEGUN', 'STATE_LOST', 'STORE_UNREACHABLE'];

export async function changed({ deployment, ruleDirs, random }: Stage): Promise<void> {
  const rules = ruleDirs[Math.floor(random() * ruleDirs.length)] as string;
  const started = deployment.start(['models', 'apply', '--config', deployment.config, '--rules', rules]);
  if ((await started.ended) === 0) return;
  const output = started.output();
  if (!NOT_NOW.some((code) => output.includes(code))) throw new Error(`rules are not taken: ${output}`);
}
