import type { Language } from '../../../domain/portal';

const locales: Readonly<Record<Language, string>> = { en: 'en-US', es: 'es-US' };

/** An instant as people in the portal's time zone say it. */
export interface LocalTime {
  /** `Friday`, `viernes`. */
  readonly weekday: string;
  /** Without the year: `November 22`, `22 de noviembre`. */
  readonly day: string;
  /** `November 22, 2019`, `22 de noviembre de 2019`. */
  readonly date: string;
  /** With the zone's name: `3:27 PM EST`, `3:27 p.m. EST`. */
  readonly time: string;
  /** 1 to 12. Spanish says "la" before one o'clock and "las" before every other. */
  readonly hour: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Making a format costs as much as a thousand uses of it. */
function formatOf(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([language, options]);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locales[language], options);
  formats.set(key, format);
  return format;
}

/** The instant `ms` in `timeZone` (IANA name), minutes cut, not rounded. Throws RangeError for an unknown zone. */
export function localTime(ms: number, language: Language, timeZone: string): LocalTime {
  const say = (options: Intl.DateTimeFormatOptions) =>
    // Some of ICU's spaces are narrow or non-breaking: not every mail client shows them.
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

/** The calendar day `YYYY-MM-DD` in words, the same wherever it is read: `January 1, 2027`, `1 de enero de 2027`. Throws RangeError for none. */
export const calendarDate = (day: string, language: Language): string =>
  localTime(Date.parse(`${day}T00:00:00Z`), language, 'UTC').date;
