/** Ids of runs, as operators read them: opaque keys and small words only (architecture.md, "Runs"). */
import type { Portal } from '../domain/portal';

export const passwordResetId = (portal: Portal, subjectKey: string): string =>
  `password-reset/${portal}/${subjectKey}`;

export const noticeId = (messageId: string): string => `notice/${messageId}`;

export const passwordRotationId = (accountId: string, credentialId: string): string =>
  `password-rotation/${accountId}/${credentialId}`;

export const planChangeRunId = (planChangeId: string): string => `plan-change/${planChangeId}`;

/** The Schedule's runs add the time they were due. */
export const ROTATION_SWEEP_ID = 'rotation-sweep/hourly';
