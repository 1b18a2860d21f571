/** All activities of the worker, built from their dependencies. */
import { createAorCorrectionActivities, type AorCorrectionDeps } from './aor-correction';
import { createNoticeActivities, type NoticeDeps } from './notice';
import { createPlanChangeActivities, type PlanChangeDeps } from './plan-change';
import { createPasswordResetActivities, type PasswordResetDeps } from './password-reset';
import { createPasswordRotationActivities, type PasswordRotationDeps } from './password-rotation';
import { createSignInActivities, type SignInDeps } from './sign-in';
import { createRotationSweepActivities, type RotationSweepDeps } from './rotation-sweep';

export type ActivityDeps = PasswordResetDeps &
  NoticeDeps &
  PasswordRotationDeps &
  RotationSweepDeps &
  PlanChangeDeps &
  AorCorrectionDeps &
  SignInDeps;

export const createActivities = (deps: ActivityDeps) => ({
  ...createPasswordResetActivities(deps),
  ...createNoticeActivities(deps),
  ...createPasswordRotationActivities(deps),
  ...createRotationSweepActivities(deps),
  ...createPlanChangeActivities(deps),
  ...createAorCorrectionActivities(deps),
  ...createSignInActivities(deps),
});
