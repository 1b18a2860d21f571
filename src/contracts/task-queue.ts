/** Names that every process must agree on. */
export const DEPLOYMENT_NAME = 'tenure';
export const WORKFLOW_BUNDLE = 'workflow-bundle.js';

/** Where the emails of the runs of `taskQueue` are sent: a queue of their own, so that a slow mail server holds up nothing else. */
export const mailQueue = (taskQueue: string): string => `${taskQueue}-mail`;
