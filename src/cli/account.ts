/**
 * `npm run account -- close | reopen | allow-recovery | two-step-off`: a person who has left can no longer use the account and gets no
 * reminders. Nothing is deleted: the username stays taken, and the audit log keeps its subject.
 */
import '../signals';
import { createAccountClosing } from '../adapters/postgres/account-closing';
import { ALLOW_RECOVERY_USAGE, readAllowRecovery } from './allow-recovery';
import { TWO_STEP_OFF_USAGE, readTwoStepOff } from './two-step-off';
import { CommandError, readId, runCommand, runMain, type Command, type Output } from './command';

const USAGE = `Usage:
  npm run account -- close ACCOUNT-ID
  npm run account -- reopen ACCOUNT-ID
  ${ALLOW_RECOVERY_USAGE}
  ${TWO_STEP_OFF_USAGE}
docs/operators.md, tells how to find the id.`;

/** Runs the command with its arguments after the script's name. Returns the exit code; never throws. */
export const accountCommand = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output,
  nowMs: number,
): Promise<number> => runCommand('account', () => readCommand(args), env, output, nowMs);

function readCommand([name, typed, ...others]: readonly string[]): Command {
  if (name === 'allow-recovery') return readAllowRecovery([typed ?? '', ...others], USAGE);
  if (name === 'two-step-off') return readTwoStepOff([typed ?? '', ...others], USAGE);
  if ((name !== 'close' && name !== 'reopen') || typed === undefined || others.length > 0)
    throw new CommandError(USAGE);
  const id = readId(typed, 'the id of an account.');
  return async (database, { out, say }, nowMs, operator) => {
    const answer = await createAccountClosing(database)[name](id, nowMs, operator);
    if (answer === 'unknown') throw new CommandError(say('commands.account.unknown', { id }));
    const [is, was] =
      name === 'close' ? (['closed', 'closed-before'] as const) : (['reopened', 'not-closed'] as const);
    out(`${say(`commands.account.${answer === 'done' ? is : was}`, { id })}\n`);
  };
}

if (require.main === module) void runMain(accountCommand);
