// Holders of seals in the file of channels: what each can be told, and how it is opened.
import { openOutbound } from '../adapters/outbound/outbound.js';
import { SEAL_WEBHOOK_SHAPE } from '../adapters/webhook/config.js';
import { openSealWebhook } from '../adapters/webhook/seal-webhook.js';
import { checkShape, type Fault } from '../catalogue/fault.js';
import { holderSchema } from '../pipeline/deliver/policy.js';
import type { SealHolder } from '../ports/seal-holder.js';
import { withSecrets } from './secrets.js';

/** One holder of the file, its form checked. */
export interface CheckedHolder {
  readonly allowAddresses: readonly string[];
  /** Reads its secret and opens it. @throws CodedError CHANNEL_SECRET */
  open(name: string, now: () => number): Promise<SealHolder>;
}

type Checked =
  | { readonly holder: CheckedHolder; readonly faults: null }
  | { readonly holder: null; readonly faults: Fault[] };

export function checkHolder(content: unknown): Checked {
  const { value, faults } = checkShape(holderSchema(SEAL_WEBHOOK_SHAPE), content);
  if (faults !== null) return { holder: null, faults };
  const { allow_addresses: allowAddresses, timeout: timeoutMs } = value;
  return {
    faults: null,
    holder: {
      allowAddresses,
      async open(name, now) {
        const settings = await withSecrets(value, `seals.${name}`);
        const { post } = openOutbound({ allowAddresses });
        return openSealWebhook({ name, settings, timeoutMs, post, now });
      },
    },
  };
}
