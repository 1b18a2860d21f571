// Prebuilds the workflow bundle, so that a worker starts within a second and runs what was built.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
const { workflowBundleOptions } = require('../dist/compose/workflow-bundle.js');
const { WORKFLOW_BUNDLE } = require('../dist/contracts/task-queue.js');

const { code } = await bundleWorkflowCode({ ...workflowBundleOptions(), logger: new DefaultLogger('WARN') });
writeFileSync(new URL(`../dist/${WORKFLOW_BUNDLE}`, import.meta.url), code);
