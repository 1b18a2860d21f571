/** What can be an email address (spec.md 1). Letters of any alphabet can: an address that only looks like another one is another one. */
import { hasHiddenCharacter } from './text';

/** UTF-16 units. */
export const MAX_EMAIL_LENGTH = 254;

const PART = String.raw`[^\s@"<>()[\]\\,;:]`;
/** The source of a regular expression without flags. */
export const EMAIL_FORM = `${PART}{1,64}@${PART}{1,253}`;

const FORM = new RegExp(`^(?:${EMAIL_FORM})$`);

/** Of trimmed text: whether an email could be sent there. */
export const isEmailAddress = (text: string): boolean =>
  text.length <= MAX_EMAIL_LENGTH &&
  FORM.test(text) &&
  !/[\p{Cs}\p{Cc}]/u.test(text) &&
  !hasHiddenCharacter(text);
