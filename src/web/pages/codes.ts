/** What the pages have in common that ask for a PIN or code from an email (views/codes.njk). */
import { minutesUntil, secondsUntil } from '../until';

/** For the view: how long it is good, and when a new one can be asked for (null: there is none). */
export const codeValues = ({
  expiresAt,
  resendAvailableAt,
}: {
  readonly expiresAt: string;
  readonly resendAvailableAt?: string | undefined;
}) => ({
  minutes: minutesUntil(expiresAt),
  resendSeconds: resendAvailableAt === undefined ? null : secondsUntil(resendAvailableAt),
});

/** People type digits in groups. */
export const withoutSpaces = (typed: string): string => typed.replaceAll(/\s/g, '');
