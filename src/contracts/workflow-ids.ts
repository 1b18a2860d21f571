/** Ids of runs, as operators read them: opaque keys and small words only (architecture.md, "Runs"). */
import type { Portal } from '../domain/portal';

export const passwordResetId = (portal: Portal, subjectKey: string): string =>
  `password-reset/${portal}/${subjectKey}`;

export const noticeId = (messageId: string): string => `notice/${messageId}`;
