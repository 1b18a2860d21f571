import { parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** A phone number in E.164, from the US national form or the international one; null for anything else, and for extensions. */
export function toE164(typed: string): string | null {
  const parsed = parsePhoneNumberFromString(typed, { defaultCountry: 'US', extract: false });
  return parsed?.isValid() && parsed.ext === undefined ? parsed.number : null;
}
