import type { Session } from './tenure';

/** Seconds until the session ends if nobody uses it; null if only its whole life ends it. */
export const secondsLeft = ({ idleExpiresAt }: Session): number | null =>
  idleExpiresAt === null ? null : Math.max(0, Math.floor((Date.parse(idleExpiresAt) - Date.now()) / 1000));
