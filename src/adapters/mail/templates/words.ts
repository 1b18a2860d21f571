import type { EffectiveDates } from '../../../domain/plan-change/agent-standing';
import { textIn, type Language, type PortalPolicy } from '../../../domain/portal';
import { sayIn, type Say, type Texts } from '../../../ports/texts';
import { localTime, type LocalTime } from './local-time';

/** What an email can say in its language. */
export interface Words {
  readonly language: Language;
  readonly text: Say;
  /** An instant in words; `time` with the article that the language has before it: `las 3:27 p.m. EST`. */
  at(ms: number, timeZone: string): Omit<LocalTime, 'hour'>;
  /** The calendar day `YYYY-MM-DD`, regardless of time zone: `January 1, 2027`. Throws RangeError if it is not a day. */
  date(day: string): string;
  /** `From January 1, 2027 on`. */
  period(dates: EffectiveDates): string;
  /** The phone number in emails, with its hours. */
  phone(policy: PortalPolicy): string;
}

/** In the first language of the brand for somebody whose language nobody knows, or the brand has no more. */
export function wordsIn(wanted: Language | null, texts: Texts): Words {
  const language = texts.languages.find((each) => each === wanted) ?? texts.languages[0] ?? '';
  const locale = texts.text(language, 'language.locale');
  const date = (day: string): string => localTime(Date.parse(`${day}T00:00:00Z`), locale, 'UTC').date;
  const text = sayIn(texts, language);
  return {
    language,
    text,
    at(ms, timeZone) {
      const { hour, time, ...at } = localTime(ms, locale, timeZone);
      return { ...at, time: text('dates.time', { count: hour, time }) };
    },
    date,
    period: ({ from, to }) =>
      to === null
        ? text('dates.from-on', { from: date(from) })
        : text('dates.from-to', { from: date(from), to: date(to) }),
    phone: ({ emailHelpLine: { phone, hours } }) =>
      text('emails.common.phone', { phone, hours: textIn(hours, language) }),
  };
}
