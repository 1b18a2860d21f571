/** An instant in words, in a time zone. Placeholders of texts. */
export interface LocalTime {
  /** `Friday`, `viernes`. */
  readonly weekday: string;
  /** Without the year: `November 22`, `22 de noviembre`. */
  readonly day: string;
  /** `November 22, 2019`, `22 de noviembre de 2019`. */
  readonly date: string;
  /** With the zone's name: `3:27 PM EST`, `3:27 p.m. EST`. */
  readonly time: string;
  /** As `time` has it: languages say "la" one and "las" two. */
  readonly hour: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();

/** Creating a format costs as much as using it a thousand times. */
function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = JSON.stringify([locale, options]);
  const format = formats.get(key) ?? new Intl.DateTimeFormat(locale, options);
  formats.set(key, format);
  return format;
}

/** The instant `ms` in `timeZone` (IANA name), minutes truncated, not rounded. Throws RangeError for an unknown zone. */
export function localTime(ms: number, locale: string, timeZone: string): LocalTime {
  const say = (options: Intl.DateTimeFormatOptions) =>
    // Some of ICU's spaces are narrow or non-breaking, which not every mail client shows.
    formatOf(locale, { ...options, timeZone })
      .format(ms)
      .replace(/\s/gu, ' ');
  return {
    weekday: say({ weekday: 'long' }),
    day: say({ month: 'long', day: 'numeric' }),
    date: say({ month: 'long', day: 'numeric', year: 'numeric' }),
    time: say({ hour: 'numeric', minute: '2-digit', timeZoneName: 'short' }),
    hour: Number.parseInt(say({ hour: 'numeric' }), 10),
  };
}
