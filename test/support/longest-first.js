/** Workflows first, then end-to-end tests: the longest files must not run last, alone on one core. */
const { existsSync } = require('node:fs');
const TestSequencer = require('@jest/test-sequencer').default;

module.exports = class LongestFirst extends TestSequencer {
  sort(all) {
    // oxlint-disable-next-line unicorn/no-array-sort -- the sequencer's own method, which changes nothing
    const inOrder = super.sort(all);
    return inOrder.toSorted((a, b) => rank(a.path) - rank(b.path));
  }
};

function rank(path) {
  if (path.includes('/test/workflows/')) return 0;
  // One file runs several suites, in a folder of the same name.
  if (existsSync(path.replace(/\.test\.ts$/, ''))) return 1;
  return path.includes('/test/e2e/') ? 2 : 3;
}
