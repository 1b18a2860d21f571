/** Names that every process must agree on. */
export const DEPLOYMENT_NAME = 'tenure';
export const WORKFLOW_BUNDLE = 'workflow-bundle.js';
