/** Names that no current browser has: Internet Explorer, the first Edge, the first Opera, and the browser of old Android phones. */
const GONE = /MSIE |Trident\/|Edge\/|Presto\/|Android.*Version\/\d/;
const EVERGREEN = /(Chrome|CriOS|Chromium|Firefox|FxiOS|Safari)\//;

/** Whether it is one that updates itself, by what it says it is (spec.md 3). */
export const isCurrentBrowser = (userAgent: string): boolean =>
  EVERGREEN.test(userAgent) && !GONE.test(userAgent);
