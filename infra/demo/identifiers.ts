// Identifiers of simulated subjects: well formed, with right check digits, in a region code that is not allotted.
import { usccCheckCharacter } from '../../src/events/identifiers.js';

const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

/** The simulated county: no county has this code in GB/T 2260. */
export const COUNTY_REGION = '330199';

/** Check character of an organisation code of 8 characters (GB 11714-1997). */
export function organisationCheck(body: string): string {
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += parseInt(body.charAt(i), 36) * (ORGANISATION_WEIGHTS[i] as number);
  const check = (11 - (sum % 11)) % 11;
  return check === 10 ? 'X' : String(check);
}

/**
 * A valid unified social credit code of the simulated county.
 *
 * @param registrar registering department and type of organisation, for example `91` (enterprise)
 * @param index number of the subject, below 10,000,000
 */
export function simulatedUscc(registrar: string, index: number): string {
  const organisation = `X${String(index).padStart(7, '0')}`;
  const body = `${registrar}${COUNTY_REGION}${organisation}${organisationCheck(organisation)}`;
  return body + (usccCheckCharacter(body) ?? '');
}
