/** @type {import('jest').Config} */
module.exports = {
  testEnvironment: 'node',
  roots: ['<rootDir>/test'],
  // Prisma's WebAssembly schema engine comes as ES modules only, which Jest on Node 20 cannot require as they are.
  transform: { '^.+\\.ts$': '@swc/jest', 'schema_engine_bg\\.js$': '@swc/jest' },
  transformIgnorePatterns: ['/node_modules/(?!@prisma/schema-engine-wasm/)'],
  testSequencer: '<rootDir>/test/support/longest-first.js',
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  // A safety net, not an assertion: on a machine that is busy with other work everything takes many times as long.
  testTimeout: 300_000,
  // Tests wait for servers as long as they compute: twice as many as there are cores on a small machine.
  maxWorkers: 4,
  // What a test file loads is not let go of by Jest: a worker that has grown spends its time on garbage collection.
  workerIdleMemoryLimit: '500MB',
};
