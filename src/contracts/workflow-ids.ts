/** Ids of runs, as shown to operators: opaque keys and fixed identifiers, no personal data (architecture.md, "Runs"). */
import type { ProofKind } from '../domain/password-reset/password-reset';
import type { Portal } from '../domain/portal';

/**
 * `proof`: brokers may have a run for each. `outlived`: a reset of this subject key that continues although it no longer stands, so
 * that the person's next reset is a different run.
 */
export const passwordResetId = (
  portal: Portal,
  subjectKey: string,
  { proof, outlived }: { readonly proof?: ProofKind; readonly outlived?: string | undefined } = {},
): string =>
  [
    `password-reset/${portal}/${subjectKey}`,
    ...(portal === 'broker' && proof === 'pin' ? ['by-pin'] : []),
    ...(outlived === undefined ? [] : [`after-${outlived}`]),
  ].join('/');

/** `again`: how often an operator has sent it again. */
export const noticeId = (messageId: string, again = 0): string =>
  again === 0 ? `notice/${messageId}` : `notice/${messageId}/again-${again}`;

export const passwordRotationId = (accountId: string, credentialId: string): string =>
  `password-rotation/${accountId}/${credentialId}`;

export const signInRunId = (signInId: string): string => `sign-in/${signInId}`;

export const planChangeRunId = (planChangeId: string): string => `plan-change/${planChangeId}`;

export const aorCorrectionId = (correctionId: string): string => `aor-correction/${correctionId}`;

/** The Schedule's runs append the time they were due. */
export const ROTATION_SWEEP_ID = 'rotation-sweep/hourly';

const OF_PLAN_CHANGE =
  /^(?:plan-change\/|notice\/(?:plan-change|agent-of-record)-(?!corrected)[a-z]+\.)([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/|$)/;

/** The plan change a run is about, if the run's id contains it. */
export const planChangeOfRun = (workflowId: string): string | undefined =>
  OF_PLAN_CHANGE.exec(workflowId)?.[1];
