/** `npm run account -- allow-recovery`: a person whose password reset has no tries left may start again. */
import { createAccounts } from '../adapters/postgres/accounts';
import { createAuditLog } from '../adapters/postgres/audit-log';
import { claimKeyIds } from '../adapters/postgres/key-fingerprints';
import { createKeyring } from '../adapters/keys/keyring';
import { createRecoveryAllowances } from '../adapters/postgres/recovery-allowances';
import { loadPeppers } from '../config';
import { CommandError, readIdAndReason, type Command } from './command';

export const ALLOW_RECOVERY_USAGE = 'npm run account -- allow-recovery ACCOUNT-ID --reason TEXT';

/**
 * Parses the words after `allow-recovery`. Throws `CommandError` with `usage`. Needs the peppers, because uses are
 * stored under keyed digests.
 */
export function readAllowRecovery(words: readonly string[], usage: string): Command {
  const { id, reason } = readIdAndReason(words, usage);

  return async (database, { out, say }, nowMs, operator, env) => {
    const peppers = loadPeppers(env);
    await claimKeyIds(database.pool, { peppers });
    const isKnown = (await createAccounts(database).findById(id)) !== null;
    if (!isKnown) throw new CommandError(say('commands.account.unknown', { id }));
    // Recorded first, so that there is no allowance without a log entry.
    await createAuditLog(database).record({
      atMs: nowMs,
      action: 'recovery-allowed',
      outcome: 'success',
      accountId: id,
      reason,
      operator,
    });
    await createRecoveryAllowances(database, createKeyring(peppers)).allow(id, nowMs);
    out(`${say('commands.account.recovery-allowed', { id })}\n`);
  };
}
