// Whether a model runs: one that is switched off is checked like any other, and warns nobody.

/** What a model's file may say of it. */
export const STATUSES = ['active', 'shadow', 'off'] as const;

/** @param content of a model's file, as plain values */
export function isSwitchedOff(content: unknown): boolean {
  return statusOf(content) === 'off';
}

/** Whether a model is switched off, or runs in the shadow. @param content as of `isSwitchedOff` */
export function warnsNobody(content: unknown): boolean {
  return isSwitchedOff(content) || statusOf(content) === 'shadow';
}

function statusOf(content: unknown): unknown {
  return typeof content === 'object' && content !== null ? (content as { status?: unknown }).status : null;
}
