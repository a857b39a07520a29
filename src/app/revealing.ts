// Clear personal values out of the vault, for who may and for a purpose, and their erasure; each noted in the audit log
// before it is answered.
import { CodedError } from '../events/coded-error.js';
import {
  mayReveal,
  type ErasureOrder,
  type PersonalOrder,
  type PersonalSettings,
} from '../events/personal-access.js';
import { pseudonymiseData, pseudonymOf } from '../events/pseudonym.js';
import type { Caller } from '../ports/front.js';
import type { Vault } from '../ports/vault.js';
import type { About } from '../pipeline/audit.js';
import type { Desk } from './desk.js';

export interface RevealingOptions {
  readonly settings: PersonalSettings;
  readonly vault: Vault;
  readonly siteKey: Uint8Array;
  /** Under the rules in force. */
  readonly desk: () => Desk;
  /** Legal holds that keep what stands behind a pseudonym; without it there are none. */
  readonly holding?: ((pseudonym: string) => Promise<readonly unknown[]>) | undefined;
}

export class Revealing {
  constructor(private readonly options: RevealingOptions) {}

  /**
   * The value behind a pseudonym; undefined where there is no such warning that the caller may read, or its evidence does
   * not show the pseudonym. What comes of it is in the audit log once this resolves or rejects.
   * @throws CodedError PERSONAL_PURPOSE, PERSONAL_FORBIDDEN, PERSONAL_ERASED
   */
  async reveal(order: PersonalOrder, caller: Caller): Promise<unknown> {
    const { settings, desk } = this.options;
    const { warning, pseudonym, purpose } = order;
    const about = { warning, pseudonym, purpose, reason: withoutNumbers(order.reason, this.options.siteKey) };
    if (!Object.hasOwn(settings.purposes, purpose)) return this.refuse('PERSONAL_PURPOSE', caller, about);
    if (!mayReveal(settings, caller, purpose)) return this.refuse('PERSONAL_FORBIDDEN', caller, about);
    // What its evidence shows: into the record of actions whoever acts could write any pseudonym.
    const shown = (await desk().warning(warning, caller)) as { readonly evidence: unknown } | undefined;
    if (shown === undefined || !JSON.stringify(shown.evidence).includes(pseudonym)) {
      await desk().audit(caller, WHAT, 'absent', about);
      return undefined;
    }
    const value = await this.options.vault.reveal(pseudonym);
    // What a warning shows was in the vault before it came into the log.
    if (value === undefined) return this.refuse('PERSONAL_ERASED', caller, about);
    await desk().audit(caller, WHAT, 'done', about);
    return { warning, pseudonym, purpose, value };
  }

  /**
   * Erases a value for good. The audit log says so before it happens, so that nothing is erased that it does not name.
   * @returns false where nothing was kept under the pseudonym, or it was erased before
   * @throws CodedError PERSONAL_HELD
   */
  async erase(order: ErasureOrder, caller: Caller): Promise<boolean> {
    const { vault, siteKey, desk } = this.options;
    const { kind, value } = order;
    const pseudonym =
      order.pseudonym ?? (kind === undefined || value === undefined ? '' : pseudonymOf(kind, value, siteKey));
    const about = { pseudonym, reason: withoutNumbers(order.reason, siteKey) };
    if (((await this.options.holding?.(pseudonym)) ?? []).length > 0) {
      await desk().audit(caller, 'erase', 'PERSONAL_HELD', about);
      throw new CodedError('PERSONAL_HELD');
    }
    const isKept = (await vault.reveal(pseudonym)) !== undefined;
    await desk().audit(caller, 'erase', isKept ? 'done' : 'absent', about);
    if (isKept) await vault.erase(pseudonym);
    return isKept;
  }

  private async refuse(
    code: 'PERSONAL_PURPOSE' | 'PERSONAL_FORBIDDEN' | 'PERSONAL_ERASED',
    caller: Caller,
    about: About,
  ): Promise<never> {
    await this.options.desk().audit(caller, WHAT, code, about);
    throw new CodedError(code);
  }
}

/** A text with pseudonyms in place of phones and identity numbers: what goes into the audit log, or is shown to anybody. */
export function withoutNumbers(text: string, siteKey: Uint8Array): string {
  const { content } = pseudonymiseData('complaint', { content: text }, siteKey).data;
  return typeof content === 'string' ? content : '';
}

const WHAT = 'reveal';
