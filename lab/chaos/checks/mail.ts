/** Compares the ledger, the mail server's messages, and the events that require an email. */
import { isNotice, type MailKind } from '../../../src/contracts/notice';
import { readMail } from '../../system/mailbox';
import type { Stack } from '../../system/stack';
import { portalPolicies } from '../../system/brand';
import { untilReminderHoursMs, writingHours } from '../../../src/domain/password-rotation/rotation-calendar';
import { count, grouped, type Findings } from '../findings';
import { verifiedRecords } from './record';
import type { MailServer, TakenMail } from '../mail-server';

/** Every event that requires an email has exactly one, and there are no others. */
export async function checkMail(stack: Stack, mail: MailServer, findings: Findings): Promise<void> {
  const { due, allowed } = await whatToWriteAbout(stack);
  const taken = grouped(mail.taken(), ({ messageId }) => messageId);
  const ledger = new Map((await stack.database.mailDelivery.findMany()).map((row) => [row.id, row]));

  for (const id of due) {
    const status = ledger.get(id)?.status;
    if (!taken.has(id)) findings.losses.push(`the email ${id} never came (${status ?? 'not in the ledger'})`);
    else if (status !== 'delivered')
      findings.violations.push(`the email ${id} came and is ${status ?? 'missing'}`);
  }
  for (const [id, copies] of taken) {
    if (!due.has(id) && !allowed.has(id))
      findings.duplicates.push(`the email ${id} is of nothing that happened`);
    const row = ledger.get(id);
    if (row === undefined) findings.violations.push(`the email ${id} is not in the ledger`);
    for (const { atMs } of copies) {
      if (row !== undefined && atMs >= row.validUntil.getTime())
        findings.violations.push(`${id} went out too late`);
      if (
        id.startsWith('password-reminder.') &&
        untilReminderHoursMs(writingHours(portalPolicies.broker), atMs) > 0
      )
        findings.violations.push(`${id} went out in the night`);
    }
    if (copies.length > 1) await checkCopies(id, copies, mail, findings);
  }
  for (const { id, status } of ledger.values())
    if (status === 'delivered' && !taken.has(id))
      findings.losses.push(`the ledger says that ${id} was delivered`);

  count(findings, 'emails', taken.size);
  count(findings, 'emails taken, copies included', mail.taken().length);
  count(
    findings,
    'emails taken without an answer',
    mail.taken().filter((each) => !mail.wasAnswered(each)).length,
  );
  for (const { status } of ledger.values()) count(findings, `ledger: ${status}`);
}

/** A duplicate has the same Message-ID, so mail programs show it once: it must be the same email to the same person. */
async function checkCopies(
  id: string,
  copies: readonly TakenMail[],
  mail: MailServer,
  findings: Findings,
): Promise<void> {
  const contents = await Promise.all(
    copies.map(async ({ to, raw }) => {
      const { subject, text } = await readMail(raw);
      // A delayed PIN email says how many minutes are left.
      const pin = /^\s*(\d{4,9})\s*$/m.exec(text)?.[1];
      return JSON.stringify([to, subject, pin]);
    }),
  );
  if (new Set(contents).size > 1) findings.violations.push(`two different emails have the Message-ID ${id}`);
  findings.copies.push({
    messageId: id,
    at: copies.map(({ atMs }) => new Date(atMs).toISOString()),
    answered: copies.map(mail.wasAnswered),
  });
  copies.slice(1).forEach((_, at) => {
    const cutOff = !mail.wasAnswered(copies[at]!);
    count(findings, cutOff ? 'copies after the server was cut off' : 'copies after another crash');
  });
}

async function whatToWriteAbout({ database }: Stack): Promise<{ due: Set<string>; allowed: Set<string> }> {
  const changed = await database.$queryRaw<{ id: string }[]>`
    SELECT id FROM credentials c
    WHERE EXISTS (SELECT FROM credentials b WHERE b.account_id = c.account_id AND b.retired_at = c.set_at)`;
  const registered = await database.$queryRaw<{ id: string }[]>`
    SELECT a.id FROM accounts a JOIN audit_events e ON e.account_id = a.id AND e.action = 'registered' AND e.outcome = 'success'
    WHERE a.agent_key IS NOT NULL`;
  const { due } = await verifiedRecords(database);
  const pins = await database.resetUse.findMany({ where: { kind: 'pin' } });
  const codes = await database.signInCode.findMany();
  const switched = await database.twoStepChange.findMany();
  const lead = await database.auditEvent.findMany({ where: { action: 'plan-change-escalated' } });
  const rotations = await database.credential.findMany({ where: { rotationStartedAt: { not: null } } });
  return {
    due: new Set([
      ...changed.map(({ id }) => `password-changed.${id}`),
      ...registered.map(({ id }) => `account-registered.${id}`),
      ...switched.map(({ id }) => `two-step-changed.${id}`),
      ...due,
    ]),
    // A PIN may be exhausted or replaced before its email is settled; a reminder waits for its hours; a held
    // change may be resolved.
    allowed: new Set([
      ...pins.map(({ resetId, sequence }) => `pin.${resetId}.${sequence}`),
      ...codes.map(({ signInId, sequence }) => `sign-in-code.${signInId}.${sequence}`),
      ...lead.map(({ key, planChangeId }) => leadsEmail(key ?? '', planChangeId ?? '')),
      ...rotations.flatMap(({ id }) => [14, 7, 1].map((days) => `password-reminder.${id}.${days}`)),
    ]),
  };
}

/** By the audit event of the notification of the unit's lead: `plan-change-held.SINCE.WEEK:ID`. */
function leadsEmail(key: string, planChangeId: string): string {
  const [kind = '', ...times] = key.split(':')[0]!.split('.');
  return [Number(times[1]) > 0 ? 'plan-change-still-held' : kind, planChangeId, ...times].join('.');
}

/** Emails that may still go out, except PINs, codes and reminders, whose runs are waited for. */
export async function emailsUnderWay(stack: Stack): Promise<number> {
  const { database, client, taskQueue } = stack;
  const ledger = await database.mailDelivery.findMany();
  const open = await client.workflow.count(
    `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running' AND WorkflowType = 'deliverNotice'`,
  );
  const written = new Set(ledger.map(({ id }) => id));
  const { due } = await whatToWriteAbout(stack);
  const unwritten = [...due].filter((id) => !written.has(id)).length;
  const pending = ledger.filter(({ status, validUntil }) => status === 'pending' && validUntil > new Date());
  const ofRunsThatEnd = pending.filter(({ kind }) => isNotice(kind as MailKind)).length;
  return unwritten + ofRunsThatEnd + open.count;
}
