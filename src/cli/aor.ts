/** `npm run aor -- explain | replay | review | verify`: decisions on agents of record, and all that is on record of customers. */
import '../signals';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { explain } from './aor/explain';
import { replay } from './aor/replay';
import { review } from './aor/review';
import { verify } from './aor/verify';
import { CommandError, runCommand, runMain, type Command, type Output } from './command';

const PAGE_SIZE = 2000;
/** A customer is more to read than a decision. */
const CUSTOMERS_A_PAGE = 500;

const USAGE = `Usage:
  npm run aor -- explain PLAN-CHANGE-ID | CUSTOMER-ID
  npm run aor -- replay --since YYYY-MM-DD
  npm run aor -- review --since YYYY-MM-DD
  npm run aor -- verify
"explain" tells how the agent of record was decided, or all that was ever known of a customer.
"replay" makes every decision since 00:00 UTC of that day again, with the rule of today, and lists
what differs. "review" lists those that count and would have other evidence with what the rosters
tell today. "verify" lists customers whose record is not whole or does not follow from what was
recorded, and emails that are missing.`;

/** Runs the command with its arguments after the script's name. Returns the exit code; never throws. */
export const aorCommand = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output,
  nowMs: number,
  pageSize?: number,
): Promise<number> => runCommand('aor', () => readCommand(args, pageSize), env, output, nowMs);

function readCommand(args: readonly string[], pageSize: number | undefined): Command {
  const { values, positionals } = parse(args);
  const [name, id, ...others] = positionals;
  const { since } = values;
  if (name === 'explain' && id !== undefined && others.length === 0 && since === undefined)
    return explain(id);
  if (id !== undefined) throw new CommandError(USAGE);
  if (name === 'verify' && since === undefined) return verify(pageSize ?? CUSTOMERS_A_PAGE);
  if ((name !== 'replay' && name !== 'review') || since === undefined) throw new CommandError(USAGE);
  if (!z.iso.date().safeParse(since).success)
    throw new CommandError(`${JSON.stringify(since)} is not a day.\n${USAGE}`);
  return (name === 'replay' ? replay : review)(since, pageSize ?? PAGE_SIZE);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { since: { type: 'string' } },
    });
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\n${USAGE}`);
  }
}

if (require.main === module) void runMain(aorCommand);
