/** Compares what people were told with the database and with signing in. */
import type { Told } from '../flows/flow';
import { count, type Findings } from '../findings';
import type { Visitor } from '../visitor';
import { latestHistory } from '../../system/customer-history';
import type { Stack } from '../../system/stack';
import { forEachAtATime } from '../../bench/support/measure';

type Of<Kind extends Told['kind']> = Extract<Told, { readonly kind: Kind }>;

const AT_A_TIME = 6;

const of = <Kind extends Told['kind']>(told: readonly Told[], kind: Kind): Of<Kind>[] =>
  told.filter((each): each is Of<Kind> => each.kind === kind);

/** Each password reported as valid signs in, earlier ones do not, and nothing was written twice. */
export async function checkPasswords(
  { database }: Stack,
  visitor: Visitor,
  told: readonly Told[],
  findings: Findings,
  signal: AbortSignal,
): Promise<void> {
  const passwords = of(told, 'password');
  await forEachAtATime(passwords, AT_A_TIME, signal, async ({ portal, accountId, username, now, before }) => {
    const signIn = async (password: string): Promise<number> => {
      const path = `/v1/portals/${portal}/sessions`;
      const { answer } = await visitor.send('POST', path, { body: { username, password } });
      return answer.status;
    };
    if ((await signIn(now)) !== 201)
      findings.losses.push(`account ${accountId}: the told password does not sign in`);
    for (const old of before)
      if ((await signIn(old)) !== 401)
        findings.losses.push(`account ${accountId}: the password before still signs in`);

    const credentials = await database.credential.findMany({ where: { accountId } });
    const current = credentials.filter(({ retiredAt }) => retiredAt === null).length;
    if (current !== 1) findings.violations.push(`account ${accountId} has ${current} current passwords`);
    const wanted = 1 + before.length;
    if (credentials.length > wanted)
      findings.duplicates.push(`account ${accountId}: ${credentials.length} passwords instead of ${wanted}`);
    if (credentials.length < wanted) findings.losses.push(`account ${accountId}: a password was not written`);
  });
  count(findings, 'passwords signed in with', passwords.length);
}

/**
 * One success and one credential per completed reset, none if the user ID was shown, and no more PINs and guesses than allowed.
 */
export async function checkResets(
  { database }: Stack,
  told: readonly Told[],
  findings: Findings,
): Promise<void> {
  for (const { resetId, accountId, stage } of of(told, 'reset')) {
    const credentials = await database.credential.count({ where: { resetId } });
    const successes = await database.resetUse.count({ where: { resetId, kind: 'success' } });
    const shown = await database.auditEvent.count({
      where: { accountId, action: 'username-shown', outcome: 'shown' },
    });
    const wanted = stage === 'completed' ? [1, 1, 0] : [0, 1, 1];
    compare(findings, `reset ${resetId}`, { credentials, successes, shown }, wanted);
  }
  const pins = await database.$queryRaw<{ subject: string; pins: number }[]>`
    SELECT subject_key AS subject, count(*)::int AS pins FROM reset_uses WHERE kind = 'pin' GROUP BY 1`;
  const guesses = await database.$queryRaw<{ guesses: number }[]>`
    SELECT count(*)::int AS guesses FROM reset_uses WHERE kind = 'wrong' GROUP BY subject_key`;
  for (const { subject, pins: made } of pins)
    if (made > 3) findings.violations.push(`${made} PINs within a day for ${subject}`);
  for (const { guesses: made } of guesses)
    if (made > 9) findings.violations.push(`${made} guesses within a day`);
  count(
    findings,
    'PINs made',
    pins.reduce((sum, { pins: made }) => sum + made, 0),
  );
}

/** Turned on once and off once, with a sign-in for that and one that began a session. */
export async function checkTwoStep(
  { database }: Stack,
  told: readonly Told[],
  findings: Findings,
): Promise<void> {
  for (const { accountId } of of(told, 'two-step')) {
    const where = { accountId };
    const { openedAt } = await database.signIn.findFirstOrThrow({ where, orderBy: { openedAt: 'asc' } });
    const changed = (isOn: boolean): Promise<number> =>
      database.twoStepChange.count({ where: { ...where, isOn } });
    const found = {
      on: await changed(true),
      off: await changed(false),
      signIns: await database.signIn.count({ where }),
      events: await database.auditEvent.count({ where: { ...where, action: 'two-step-on' } }),
      sessions: await database.session.count({ where: { ...where, createdAt: { gt: openedAt } } }),
    };
    compare(findings, `two-step of ${accountId}`, found, [1, 1, 2, 1, 1]);
  }
}

/** One account per registered agent, with the reported id. */
export async function checkRegistrations(
  { database }: Stack,
  told: readonly Told[],
  findings: Findings,
): Promise<void> {
  for (const { agentKey, accountId } of of(told, 'registration')) {
    const accounts = await database.account.findMany({ where: { agentKey }, select: { id: true } });
    const registered = await database.auditEvent.count({
      where: { action: 'registered', accountId: { in: accounts.map(({ id }) => id) } },
    });
    compare(findings, `agent ${agentKey}`, { accounts: accounts.length, registered }, [1, 1]);
    if (accountId !== undefined && accounts[0]?.id !== accountId)
      findings.losses.push(`agent ${agentKey}: another account than was told`);
  }
}

/**
 * Exactly one version of the customer's history, decision, enrolment period, agent-of-record period and commission fact per
 * completed change; a withdrawn one has none.
 */
export async function checkPlanChanges(
  { database }: Stack,
  told: readonly Told[],
  findings: Findings,
): Promise<void> {
  for (const { planChangeId, customerId, stage, agentOfRecord } of of(told, 'plan-change')) {
    const name = `plan change ${planChangeId}`;
    const change = await database.planChange.findUnique({
      where: { id: planChangeId },
      include: { decisions: true },
    });
    if (change === null || change.stage !== stage) {
      findings.losses.push(`${name}: told ${stage}, it is ${change?.stage ?? 'not there'}`);
      continue;
    }
    const where = { customerId };
    const events = (action: string): Promise<number> =>
      database.auditEvent.count({ where: { planChangeId, action, outcome: 'success' } });
    const history = await latestHistory(database, customerId);
    const counts = {
      changes: await database.planChange.count({ where }),
      decisions: await database.aorDecision.count({ where }),
      versions: history.version,
      enrolments: history.enrolments.length,
      agents: history.agents.length,
      commissions: await database.commissionFact.count({ where }),
      opened: await events('plan-change-opened'),
      completed: await events('plan-change-completed'),
      withdrawn: await events('plan-change-withdrawn'),
    };
    const isDone = stage === 'completed' ? 1 : 0;
    const moves = agentOfRecord?.outcome === 'transferred' ? 1 : 0;
    compare(findings, name, counts, [
      1,
      isDone,
      1 + isDone,
      1 + isDone,
      1 + moves,
      isDone,
      1,
      isDone,
      1 - isDone,
    ]);
    if (isDone && change.decisions[0]?.outcome !== agentOfRecord?.outcome)
      findings.losses.push(
        `${name}: told ${agentOfRecord?.outcome}, decided ${change.decisions[0]?.outcome}`,
      );
  }
}

/** Exactly the versions that people were told of, in this order, and the agent of record that follows from them. */
export async function checkCorrections(
  { database }: Stack,
  told: readonly Told[],
  findings: Findings,
): Promise<void> {
  for (const { customerId, causes, agentKey } of of(told, 'corrections')) {
    const where = { customerId };
    const versions = await database.customerHistory.findMany({ where, orderBy: { version: 'asc' } });
    const found = versions.map(({ cause }) => cause).join(', ');
    const wanted = ['roster', ...causes].join(', ');
    if (found !== wanted) findings.losses.push(`customer ${customerId}: told ${wanted}, on record ${found}`);
    const { agents } = await latestHistory(database, customerId);
    const last = agents.at(-1)?.agentKey;
    if (last !== agentKey)
      findings.losses.push(`customer ${customerId}: told agent ${agentKey}, it is ${last}`);
  }
}

/** No duplicate unique key in the audit log (the database refuses it), and each new password in it once. */
export async function checkAuditLog({ database }: Stack, findings: Findings): Promise<void> {
  const wrong = await database.$queryRaw<{ id: string; events: number }[]>`
    SELECT c.id, (SELECT count(*)::int FROM audit_events e
                  WHERE e.key IN ('credential:' || c.id, 'password-change:' || c.id) AND e.account_id = c.account_id) AS events
    FROM credentials c WHERE EXISTS (SELECT FROM credentials b WHERE b.account_id = c.account_id AND b.set_at < c.set_at)`;
  for (const { id, events } of wrong)
    if (events !== 1) findings.violations.push(`the new password ${id} is ${events} times in the audit log`);
  const [twice] = await database.$queryRaw<[{ keys: number; twice: number }]>`
    SELECT count(*)::int AS keys, count(*) FILTER (WHERE n > 1)::int AS twice
    FROM (SELECT count(*) AS n FROM audit_events WHERE key IS NOT NULL GROUP BY key) AS keys`;
  if (twice.twice > 0) findings.duplicates.push(`${twice.twice} once-only events are in the audit log twice`);
  count(findings, 'once-only audit events', twice.keys);
}

/** More is a duplicate, fewer a loss. `wanted` is in the order of `found`. */
function compare(
  findings: Findings,
  name: string,
  found: Record<string, number>,
  wanted: readonly number[],
): void {
  for (const [index, [what, howMany]] of Object.entries(found).entries()) {
    const right = wanted[index] ?? 0;
    if (howMany > right) findings.duplicates.push(`${name}: ${howMany} ${what} instead of ${right}`);
    if (howMany < right) findings.losses.push(`${name}: ${howMany} ${what} instead of ${right}`);
  }
}
