// Why a body as a whole is refused.
import { BROKEN, type BodyValues } from '../events/body.js';
import { CODES, type Code } from '../events/codes.js';

/** Why a body could not be split into events; undefined where it could, or is empty. */
export function bodyFault({
  values,
  part,
}: BodyValues): { readonly code: Code; readonly message: string } | undefined {
  if (values[0] !== BROKEN || values.some((value) => value !== BROKEN)) return undefined;
  const parts = values.map((_, index) => part(index));
  const codes = parts.flatMap((one) => (one.ok ? [] : [one.code]));
  const [first] = codes;
  if (first === undefined) return undefined;
  const whole = codes.length === 1 || codes.every((code) => code === 'BODY_NOT_JSON');
  return whole ? { code: first, message: CODES[first] } : undefined;
}
