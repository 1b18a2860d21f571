/** How the workflow bundle is built: for the worker when Tenure is built, for the tests before they start. */
import type { BundleOptions } from '@temporalio/worker';

/**
 * All modules are preloaded: evaluated once a worker instead of once a run. So no module of `workflows`, `contracts` or `domain` may
 * keep state: runs would share it. A test looks for such state (test/workflows/preloaded-modules.test.ts).
 */
export function workflowBundleOptions(): BundleOptions {
  const workflowsPath = require.resolve('../workflows');
  const workflowInterceptorModules = [require.resolve('../workflows/trace-headers')];
  return {
    workflowsPath,
    workflowInterceptorModules,
    preloadModules: [workflowsPath, ...workflowInterceptorModules],
  };
}
