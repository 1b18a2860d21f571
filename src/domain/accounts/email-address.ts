/** What is accepted as an email address (spec.md 1). Letters of any alphabet are: addresses that only look alike are different. */
import { hasHiddenCharacter } from './text';

/** UTF-16 units. */
export const MAX_EMAIL_LENGTH = 254;

const PART = String.raw`[^\s@"<>()[\]\\,;:]`;
/** The source of a regular expression without flags. */
export const EMAIL_FORM = `${PART}{1,64}@${PART}{1,253}`;

const FORM = new RegExp(`^(?:${EMAIL_FORM})$`);

/** Whether an email could be sent to this trimmed text. */
export const isEmailAddress = (text: string): boolean =>
  text.length <= MAX_EMAIL_LENGTH &&
  FORM.test(text) &&
  !/[\p{Cs}\p{Cc}]/u.test(text) &&
  !hasHiddenCharacter(text);
