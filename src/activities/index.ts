/** All activities of the worker, from all that they need. */
import { createNoticeActivities, type NoticeDeps } from './notice';
import { createPasswordResetActivities, type PasswordResetDeps } from './password-reset';
import { createPasswordRotationActivities, type PasswordRotationDeps } from './password-rotation';
import { createRotationSweepActivities, type RotationSweepDeps } from './rotation-sweep';

export type ActivityDeps = PasswordResetDeps & NoticeDeps & PasswordRotationDeps & RotationSweepDeps;

export const createActivities = (deps: ActivityDeps) => ({
  ...createPasswordResetActivities(deps),
  ...createNoticeActivities(deps),
  ...createPasswordRotationActivities(deps),
  ...createRotationSweepActivities(deps),
});
