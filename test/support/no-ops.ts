/** Operators' ports without runs and records, for tests of everything else. */
import type { LedgerEmails, OpsRuns, Timelines } from '../../src/ports/ops';
import type { RecoveryAllowances } from '../../src/ports/password-reset';

const opsRuns: OpsRuns = {
  list: async () => ({ runs: [], nextPage: null }),
  concerning: async () => [],
  findOpen: async () => null,
  findCancelled: async () => null,
  findResend: async () => null,
  requestCancel: async () => false,
  isBeingSent: async () => false,
  resend: async () => null,
};

const timelines: Timelines = { ofAccount: async () => null, ofCustomer: async () => null };

const emails: LedgerEmails = { find: async () => null };

const recovery: RecoveryAllowances = { allow: async () => false };

export const noOps = { opsRuns, timelines, emails, recovery };
