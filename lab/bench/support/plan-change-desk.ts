/** An insurer's plans, agents, customers and representatives, and the plan change calls of intake systems and representatives. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createApiKeys } from '../../../src/adapters/postgres/api-keys';
import { createDatabase } from '../../../src/adapters/postgres/database';
import { createKeyring } from '../../../src/adapters/keys/keyring';
import type { Scope } from '../../../src/contracts/scopes';
import { importAgents } from './agents';
import { importLines } from './import-lines';
import { changeTimes, type ChangeTimes, noPause, type Pause } from './steps';
import type { JsonClient } from '../../system/json-client';
import { firstOfMonth, NEW_PLAN, OLD_PLAN, today } from '../../system/plan-changes';
import { timeMs } from './measure';
import type { BenchStack } from './stack';

export interface Representative {
  readonly staffNumber: string;
  readonly token: string;
}

export interface PlanChangeDesk {
  readonly representatives: readonly Representative[];
  /** A customer's call: takes in a change of the next customer. */
  takeIn(http: JsonClient): Promise<void>;
  /** The id of the change that a representative claimed; null if none is waiting. */
  askForNext(http: JsonClient, representative: Representative): Promise<string | null>;
  /**
   * From intake to the recorded decision: takes in a change, which a free representative then claims as the
   * next one and completes.
   */
  runChange(http: JsonClient, pause?: Pause): Promise<ChangeTimes>;
}

const STATE = 'TX';
const SINCE = '2020-01-01';
const ENROLLED_ON = '2026-01-01';
const AGENTS = 50;
const KEYS_AT_ONCE = 4;

/** Imports this many customers, each with one of 50 eligible agents, and creates API keys. */
export async function openPlanChangeDesk(
  stack: Pick<BenchStack, 'databaseUrl' | 'folder' | 'peppers'>,
  howMany: { readonly customers: number; readonly representatives: number },
): Promise<PlanChangeDesk> {
  const effectiveDate = firstOfMonth(1);
  const agentNumbers = numbered(AGENTS, (at) => String(44_000 + at));
  const customerIds = numbered(howMany.customers, (at) => `B-${at}`);
  const staffNumbers = numbered(howMany.representatives, (at) => `R-${100 + at}`);
  const years = [0, 1].map((ahead) => Number(today().slice(0, 4)) + ahead);

  await importLines(
    stack,
    'plans',
    'planId,name,type,states,offeredFrom,offeredTo',
    [OLD_PLAN, NEW_PLAN].map((id) => `${id},Plan ${id},medicare-advantage,${STATE},${SINCE},`),
  );
  await importAgents(
    stack,
    agentNumbers.map((agentNumber, at) => ({
      agentNumber,
      ssnLast6: String(913_000 + at),
      username: `agent-${agentNumber}`,
    })),
  );
  await importLines(
    stack,
    'agent-standing',
    'agentNumber,type,state,planYear,from,to',
    agentNumbers.flatMap((agentNumber) => [
      `${agentNumber},licence,${STATE},,${SINCE},`,
      `${agentNumber},appointment,,,${SINCE},`,
      ...years.map((year) => `${agentNumber},certification,,${year},${SINCE},`),
    ]),
  );
  await importLines(
    stack,
    'staff',
    'staffNumber,role,firstName,lastName,licensedFrom,licensedTo',
    staffNumbers.map((number) => `${number},plan-change-representative,Rep,Bench,${SINCE},`),
  );
  await importLines(
    stack,
    'customers',
    'customerId,firstName,lastName,email,language,state,planId,enrolledOn,agentNumber',
    customerIds.map(
      (id, at) =>
        `${id},Cora,Bench,${id.toLowerCase()}@bench.example,en,${STATE},${OLD_PLAN},${ENROLLED_ON},${agentNumbers[at % AGENTS]}`,
    ),
  );
  const [intakeToken, ...tokens] = await issueKeys(stack, [null, ...staffNumbers]);
  const representatives = staffNumbers.map((staffNumber, at) => ({ staffNumber, token: tokens[at]! }));

  const calling = customerIds.values();
  const free = [...representatives];

  const desk: PlanChangeDesk = {
    representatives,

    async takeIn(http) {
      const { value: customerId } = calling.next();
      await http.post('/v1/plan-changes', { customerId, channel: 'plan-change-line' }, intakeToken);
    },

    async askForNext(http, { token }) {
      const { status, body } = await http.ask('/v1/plan-changes/next', {}, token);
      if (status === 204) return null;
      if (status !== 200) throw new Error(`next was answered with ${status}: ${JSON.stringify(body)}`);
      return body.id;
    },

    async runChange(http, pause = noPause) {
      const intake = await timeMs(() => desk.takeIn(http));
      await pause();
      const representative = free.pop();
      if (representative === undefined) throw new Error('no representative is free');
      try {
        // Somebody else may claim this change and leave another one that this call does not see yet: ask again.
        let id: string | null = null;
        const next = await timeMs(async () => {
          while (id === null) id = await desk.askForNext(http, representative);
        });
        await pause();
        const complete = await timeMs(async () => {
          const path = `/v1/plan-changes/${id}/complete`;
          const completion = { planId: NEW_PLAN, effectiveDate };
          const { stage } = await http.post<{ stage: string }>(path, completion, representative.token);
          if (stage !== 'completed') throw new Error(`a change was left ${stage}`);
        });
        return changeTimes({ intake, next, complete });
      } finally {
        free.push(representative);
      }
    },
  };
  return desk;
}

/** One key each, for representatives or (null) for an intake system, written directly to the database. */
async function issueKeys(
  { databaseUrl, peppers }: Pick<BenchStack, 'databaseUrl' | 'peppers'>,
  holders: readonly (string | null)[],
): Promise<string[]> {
  const database = createDatabase({ databaseUrl, databasePoolSize: KEYS_AT_ONCE });
  try {
    const keys = createApiKeys(database);
    const keyring = createKeyring(peppers);
    return await Promise.all(
      holders.map(async (staffNumber) => {
        const token = randomBytes(32).toString('base64url');
        const scopes: Scope[] = [staffNumber === null ? 'intake' : 'unit'];
        await keys.create({
          id: randomUUID(),
          name: staffNumber ?? 'Applications',
          scopes,
          staffNumber,
          digest: keyring.tokenDigest(token),
          atMs: Date.now(),
          operator: 'bench',
        });
        return token;
      }),
    );
  } finally {
    await database.$disconnect();
  }
}

const numbered = (howMany: number, of: (at: number) => string): string[] =>
  Array.from({ length: howMany }, (_, at) => of(at));
