// Whether a model runs: one that is switched off is checked like any other, and warns nobody.

/** What a model's file may say of it. */
export const STATUSES = ['active', 'off'] as const;

/** @param content of a model's file, as plain values */
export function isSwitchedOff(content: unknown): boolean {
  return (
    typeof content === 'object' && content !== null && (content as { status?: unknown }).status === 'off'
  );
}
