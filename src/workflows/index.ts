/** The contents of the worker's bundle: each export is a workflow type. */
export { passwordReset } from './password-reset';
export { deliverNotice } from './deliver-notice';
export { passwordRotation } from './password-rotation';
export { rotationSweep } from './rotation-sweep';
export { planChange } from './plan-change';
export { correctAgentOfRecord } from './aor-correction';
export { signIn } from './sign-in';
