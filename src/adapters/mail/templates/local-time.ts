import type { EffectiveDates } from '../../../domain/plan-change/agent-standing';
import type { Language } from '../../../domain/portal';

const locales: Readonly<Record<Language, string>> = { en: 'en-US', es: 'es-US' };

/** An instant in words, in the portal's time zone. */
export interface LocalTime {
  /** `Friday`, `viernes`. */
  readonly weekday: string;
  /** Without the year: `November 22`, `22 de noviembre`. */
  readonly day: string;
  /** `November 22, 2019`, `22 de noviembre de 2019`. */
  readonly date: string;
  /** With the zone's name: `3:27 PM EST`, `3:27 p.m. EST`. */
  readonly time: string;
  /** 1 to 12. Spanish uses "la" for one o'clock and "las" for all others. */
  readonly hour: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Creating a format costs as much as using it a thousand times. */
function formatOf(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([language, options]);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locales[language], options);
  formats.set(key, format);
  return format;
}

/** The instant `ms` in `timeZone` (IANA name), minutes truncated, not rounded. Throws RangeError for an unknown zone. */
export function localTime(ms: number, language: Language, timeZone: string): LocalTime {
  const say = (options: Intl.DateTimeFormatOptions) =>
    // Some of ICU's spaces are narrow or non-breaking, which not every mail client shows.
    formatOf(language, { ...options, timeZone })
      .format(ms)
      .replace(/\s/gu, ' ');
  return {
    weekday: say({ weekday: 'long' }),
    day: say({ month: 'long', day: 'numeric' }),
    date: say({ month: 'long', day: 'numeric', year: 'numeric' }),
    time: say({ hour: 'numeric', minute: '2-digit', hour12: true, timeZoneName: 'short' }),
    hour: Number.parseInt(say({ hour: 'numeric', hour12: true }), 10),
  };
}

/** The calendar day `YYYY-MM-DD` in words, regardless of time zone: `January 1, 2027`, `1 de enero de 2027`. Throws RangeError if it is not a day. */
export const calendarDate = (day: string, language: Language): string =>
  localTime(Date.parse(`${day}T00:00:00Z`), language, 'UTC').date;

const ranges: Readonly<Record<Language, { to(from: string, to: string): string; on(from: string): string }>> =
  {
    en: { to: (from, to) => `From ${from} to ${to}`, on: (from) => `From ${from} on` },
    es: { to: (from, to) => `Del ${from} al ${to}`, on: (from) => `A partir del ${from}` },
  };

/** A period in words: `From January 1, 2027 on`. */
export function dateRange({ from, to }: EffectiveDates, language: Language): string {
  const first = calendarDate(from, language);
  return to === null ? ranges[language].on(first) : ranges[language].to(first, calendarDate(to, language));
}
