import type { Session } from './tenure';
import { secondsUntil } from './until';

/** Seconds until the session ends if nobody uses it; null if only its whole life ends it. */
export const secondsLeft = ({ idleExpiresAt }: Session): number | null =>
  idleExpiresAt === null ? null : secondsUntil(idleExpiresAt);
