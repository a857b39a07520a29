// Identifiers and what makes them well-formed: USCC, region and industry codes, ids of subjects, devices, places.
import type { Code } from './codes.js';

/** Why an identifier is refused; the message never repeats the value, which may be personal. */
export interface IdentifierFault {
  readonly code: Code;
  readonly message: string;
}

/** The 31 characters of GB 32100-2015: digits and letters without I, O, S, V, Z. */
const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
/** Place in the alphabet by UTF-16 unit; -1 for other ASCII characters. */
const USCC_VALUES = Array.from({ length: 128 }, (_, unit) =>
  USCC_ALPHABET.indexOf(String.fromCharCode(unit)),
);
const USCC_WEIGHTS = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const USCC_LIKE = /^[0-9A-Z]{18}$/;
const USCC_FORM = /^[0-9A-HJ-NPQRTUWXY]{2}[0-9]{6}[0-9A-HJ-NPQRTUWXY]{10}$/;

const REGION = /^(?:[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12})$/;
const INDUSTRY = /^[A-T](?:[0-9]{2,4})?$/;

/** \p{C}: control, format, surrogate, private and unassigned characters; none of them can be seen. */
const LOCAL_ID = /^[a-z][a-z0-9-]{1,30}:[^\s\p{C}]{1,128}$/u;
const PLAIN_ID = /^[A-Za-z0-9._:/-]{1,128}$/;
const PLAIN_PLACE_ID = /^[\p{Script=Han}A-Za-z0-9._:/（）-]{1,128}$/u;

/**
 * The check character of a unified social credit code, from its first 17 characters (GB 32100-2015).
 * @returns undefined where they are not 17 characters of the standard's alphabet.
 */
export function usccCheckCharacter(first17: string): string | undefined {
  if (first17.length !== 17) return undefined;
  const value = usccCheckValue(first17);
  return value < 0 ? undefined : USCC_ALPHABET.charAt(value);
}

/** Place in the alphabet of the check character that the first 17 characters ask for; -1 where one of them is foreign. */
function usccCheckValue(text: string): number {
  let sum = 0;
  for (let i = 0; i < 17; i++) {
    const value = USCC_VALUES[text.charCodeAt(i)] ?? -1;
    if (value < 0) return -1;
    sum += value * (USCC_WEIGHTS[i] ?? 0);
  }
  return (31 - (sum % 31)) % 31;
}

/** Whether a text is a unified social credit code: its form and its check character (GB 32100-2015). */
export function isUscc(text: string): boolean {
  return USCC_FORM.test(text) && usccCheckValue(text) === USCC_VALUES[text.charCodeAt(17)];
}

/** Whether a text has the form of a region code: 2, 4, 6 (GB/T 2260), 9 or 12 digits, province 11 to 82. */
export function isRegionCode(text: string): boolean {
  if (!REGION.test(text)) return false;
  const province = Number(text.slice(0, 2));
  return province >= 11 && province <= 82;
}

/** Whether a text has the form of an industry code: a letter A to T, then none, 2, 3 or 4 digits (GB/T 4754-2017). */
export function isIndustryCode(text: string): boolean {
  return INDUSTRY.test(text);
}

/** What is wrong with a subject id, or undefined: a USCC, or `scheme:id`. */
export function subjectIdFault(text: string): IdentifierFault | undefined {
  if (USCC_LIKE.test(text)) {
    if (isUscc(text)) return undefined;
    return {
      code: 'EVENT_USCC',
      message: 'is not a valid unified social credit code (GB 32100-2015); check it for typing errors',
    };
  }
  if (LOCAL_ID.test(text)) return undefined;
  return {
    code: 'EVENT_ENVELOPE',
    message:
      'is not a subject id; expected a unified social credit code (18 capital letters and digits) ' +
      'or a local id such as "shop:1024" (scheme, colon, up to 128 visible characters)',
  };
}

/** What is wrong with a device id, or undefined: `scheme:id`, or up to 128 of A-Z a-z 0-9 . _ : / -. */
export function deviceIdFault(text: string): IdentifierFault | undefined {
  if (PLAIN_ID.test(text) || LOCAL_ID.test(text)) return undefined;
  return {
    code: 'EVENT_ENVELOPE',
    message:
      'is not a device id; expected up to 128 letters, digits and . _ : / - or a local id such as "meter:7"',
  };
}

/** What is wrong with a place id, or undefined: as for a device, Chinese characters allowed. */
export function placeIdFault(text: string): IdentifierFault | undefined {
  if (PLAIN_PLACE_ID.test(text) || LOCAL_ID.test(text)) return undefined;
  return {
    code: 'EVENT_ENVELOPE',
    message:
      'is not a place id; expected up to 128 Chinese characters, letters, digits and . _ : / - ' +
      'or a local id such as "market:3"',
  };
}
