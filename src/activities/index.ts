/** All activities of the worker, from all that they need. */
import { createNoticeActivities, type NoticeDeps } from './notice';
import { createPasswordResetActivities, type PasswordResetDeps } from './password-reset';

export type ActivityDeps = PasswordResetDeps & NoticeDeps;

export const createActivities = (deps: ActivityDeps) => ({
  ...createPasswordResetActivities(deps),
  ...createNoticeActivities(deps),
});
