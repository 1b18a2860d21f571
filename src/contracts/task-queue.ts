/** Names that every process must agree on. */
export const WORKFLOW_BUNDLE = 'workflow-bundle.js';

/** Where the emails of runs on `taskQueue` are sent: a separate queue, so that a slow mail server delays nothing else. */
export const mailQueue = (taskQueue: string): string => `${taskQueue}-mail`;
