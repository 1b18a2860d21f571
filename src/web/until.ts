/** How long until a time that the API gave, for people. */

/** Rounded up; at least one. */
export const minutesUntil = (time: string): number =>
  Math.max(1, Math.ceil((Date.parse(time) - Date.now()) / 60_000));

/** Rounded up; 0 if it is over. */
export const secondsUntil = (time: string): number =>
  Math.max(0, Math.ceil((Date.parse(time) - Date.now()) / 1000));
