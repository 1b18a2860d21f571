/** `npm run test:fast`: tests that need neither PostgreSQL nor Temporal nor a build. One that does fails here at once. */
const { globalSetup: _servers, globalTeardown: _end, ...shared } = require('./jest.config.js');

/** @type {import('jest').Config} */
module.exports = {
  ...shared,
  testMatch: [
    '<rootDir>/test/*.test.ts',
    '<rootDir>/test/{docs,domain,ports}/**/*.test.ts',
    '<rootDir>/test/activities/{activities,password-rotation}.test.ts',
    '<rootDir>/test/adapters/{brand,keys,mail}/**/*.test.ts',
    '<rootDir>/test/web/**/*.test.ts',
    '<rootDir>/test/api/!(ops|plan-change)/**/*.test.ts',
    '<rootDir>/test/cli/running-stack.test.ts',
  ],
  // What takes most of the time: thousands of generated cases, passwords and answers that are really hashed, and pauses.
  testPathIgnorePatterns: [
    // It asks the database.
    'adapters/brand/kept-promises',
    'domain/plan-change/unit-hours',
    'domain/password-rotation/rotation-calendar',
    'adapters/mail/(mailer-|email-templates)',
    'api/.*/bad-input',
    'api/http/(audit|errors|guesses|idempotency|repeats|typed-text|http-server)',
    'api/password-reset/(broker-resets|password-resets|answers)',
    'api/registration/(registrations|username-reminders)',
    'api/session/(password-tries|sessions|password-changes)',
  ],
};
