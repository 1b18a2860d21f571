/** Workflows first, then end-to-end tests: what takes longest must not be left to the end, alone on one core. */
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
  // Several suites in one file, in a folder of its name.
  if (existsSync(path.replace(/\.test\.ts$/, ''))) return 1;
  return path.includes('/test/e2e/') ? 2 : 3;
}
