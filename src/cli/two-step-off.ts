/** `npm run account -- two-step-off`: a member whose mailbox is gone signs in with the password alone again. */
import { createSignIns } from '../adapters/postgres/sign-ins';
import { CommandError, readIdAndReason, type Command } from './command';

export const TWO_STEP_OFF_USAGE = 'npm run account -- two-step-off ACCOUNT-ID --reason TEXT';

/** Parses the words after `two-step-off`. Throws `CommandError` with `usage`. A worker tells the owner by email. */
export function readTwoStepOff(words: readonly string[], usage: string): Command {
  const { id, reason } = readIdAndReason(words, usage);
  return async (database, { out, say }, nowMs, operator) => {
    const change = { accountId: id, atMs: nowMs, operator, reason };
    if (!(await createSignIns(database).turnOff(change)))
      throw new CommandError(say('commands.account.unknown', { id }));
    out(`${say('commands.account.two-step-off', { id })}\n`);
  };
}
