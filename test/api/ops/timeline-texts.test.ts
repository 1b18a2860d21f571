import type { AuditFact, DecisionFact, EmailFact, OpsRun } from '../../../src/ports/ops';
import { recordEntry, runEntry } from '../../../src/api/ops/timeline-entries';
import { auditText, decisionText, emailText, runText } from '../../../src/api/ops/timeline-texts';
import { sayIn } from '../../../src/ports/texts';
import { brand } from '../../support/brand';
import { AUDIT_ACTIONS } from '../../../src/contracts/audit';
import { MAIL_KINDS } from '../../../src/contracts/notice';

const { texts } = brand;
const [say, di] = [sayIn(texts, 'en'), sayIn(texts, 'es')];

const NOW_MS = Date.parse('2026-11-26T10:00:00Z');
const PLAN_CHANGE = '0b8a2f6e-2a54-4d2c-9d0f-6a1b7c3d5e90';

const audit = (fields: Partial<AuditFact>): AuditFact => ({
  source: 'audit',
  action: 'signed-in',
  outcome: 'success',
  planChangeId: null,
  apiKeyId: null,
  about: null,
  reason: null,
  operator: null,
  ...fields,
});

const email = (fields: Partial<EmailFact>): EmailFact => ({
  source: 'email',
  messageId: 'pin.r.1',
  kind: 'pin',
  status: 'delivered',
  attempts: 1,
  resends: 0,
  smtpCode: null,
  firstTriedAtMs: NOW_MS - 60_000,
  validUntilMs: NOW_MS + 1,
  replaced: false,
  ...fields,
});

const decision = (fields: Partial<DecisionFact>): DecisionFact => ({
  source: 'decision',
  planChangeId: PLAN_CHANGE,
  customerId: 'C-1',
  effectiveOn: '2027-01-01',
  outcome: 'retained',
  reason: 'unit-completed',
  commissionContinues: true,
  agentNumber: '20417',
  previousNumber: '20417',
  role: null,
  ...fields,
});

const run = (fields: Partial<OpsRun>): OpsRun => ({
  workflowId: 'password-reset/member/x',
  runId: 'r',
  type: 'passwordReset',
  status: 'open',
  startedAtMs: NOW_MS,
  closedAtMs: null,
  portal: 'member',
  stage: 'pin',
  account: null,
  customer: null,
  agent: null,
  route: null,
  outcome: null,
  ...fields,
});

it.each<[Partial<AuditFact>, string]>([
  [{ action: 'signed-in' }, 'They signed in.'],
  [
    { action: 'sign-in-refused', outcome: 'credentials_wrong' },
    'Signing in was refused: the password was wrong.',
  ],
  [{ action: 'reset-opened' }, 'A password reset was opened, or an open one joined.'],
  [
    { action: 'reset-opened', outcome: 'reset_exhausted' },
    'A password reset was not opened: no tries were left.',
  ],
  [{ action: 'proof-refused', outcome: 'pin_wrong' }, 'Identity was not proved: it was not the PIN.'],
  [
    { action: 'registration-refused', outcome: 'username_taken' },
    'Registering was refused: this username is taken.',
  ],
  [
    { action: 'plan-change-held', outcome: 'facilitator-not-licensed' },
    'The plan change was held: the facilitator is not licensed in the customer’s state.',
  ],
  [
    { action: 'plan-change-escalated', outcome: 'overdue' },
    'The unit’s lead was told that the plan change waits: for a day.',
  ],
  [{ action: 'username-shown', outcome: 'shown' }, 'The user ID was shown; the password stayed as it was.'],
  [
    { action: 'run-cancel-requested', reason: 'The caller gave up.' },
    'An operator asked for a run to be cancelled. Why: “The caller gave up.”',
  ],
  [
    { action: 'account-closed', operator: 'ana' },
    'An operator closed the account; every session ended. Operator: ana.',
  ],
  [{ action: 'agent-terminated' }, 'The agent’s last day is over; every session ended.'],
  [
    { action: 'roster-imported', outcome: 'lines_refused', operator: 'ana' },
    'A roster was imported, or was to be: some of its lines did not go in. Operator: ana.',
  ],
  [{ action: 'sign-in-refused', outcome: 'a-new-word' }, 'Signing in was refused: a-new-word.'],
])('The audit event %j reads “%s”', (fields, text) => {
  expect(auditText(audit(fields), texts, 'en')).toBe(text);
});

it.each<[Partial<EmailFact>, string]>([
  [{}, 'The PIN email was delivered.'],
  [{ attempts: 7 }, 'The PIN email was delivered at attempt 7; the mail server had not taken it before.'],
  [
    { status: 'pending', attempts: 7 },
    'The PIN email could not be delivered yet: the mail server was away or did not take it (attempt 7).',
  ],
  [{ status: 'pending', firstTriedAtMs: NOW_MS - 9999 }, 'The PIN email is on its way (attempt 1).'],
  [
    { status: 'pending' },
    'The PIN email could not be delivered yet: the mail server was away or did not take it (attempt 1).',
  ],
  [
    { status: 'pending', replaced: true },
    'The PIN email was not delivered before a newer PIN took its place.',
  ],
  [
    { status: 'pending', validUntilMs: NOW_MS, attempts: 3 },
    'The PIN email was not delivered in its time (3 attempts): what sends it was stopped, or was over before.',
  ],
  [
    { status: 'outdated', attempts: 9 },
    'The PIN email was not delivered: before the mail server took it, it was too late (9 attempts).',
  ],
  [
    { kind: 'password-changed', status: 'refused', smtpCode: 550 },
    'The email about the changed password was refused by the mail server for good (SMTP code 550).',
  ],
  [
    { kind: 'password-changed', status: 'refused', smtpCode: 553 },
    'The email about the changed password was refused for good: mail cannot be sent to an address like this one (SMTP code 553).',
  ],
  [
    { kind: 'password-changed', status: 'pending', resends: 1, attempts: 2 },
    'The email about the changed password is on its way, sent again by an operator (attempt 2).',
  ],
  [
    { kind: 'password-changed', attempts: 2, resends: 1 },
    'The email about the changed password was delivered, sent again by an operator.',
  ],
])('The email %j reads “%s”', (fields, text) => {
  expect(emailText(email(fields), NOW_MS, say)).toBe(text);
});

it.each<[Partial<DecisionFact>, string]>([
  [{ role: 'kept' }, 'They stay agent of record of customer C-1 (unit completed).'],
  [{ role: 'gained' }, 'They become agent of record of customer C-1 on 2027-01-01 (unit completed).'],
  [
    { role: 'lost' },
    'They are agent of record of customer C-1 no longer, from 2027-01-01 on (unit completed).',
  ],
  [{}, 'Agent 20417 stays agent of record (unit completed); the commission goes on.'],
  [
    {
      outcome: 'transferred',
      reason: 'call-center-facilitated',
      agentNumber: '9',
      commissionContinues: false,
    },
    'Agent 9 becomes agent of record on 2027-01-01 in place of agent 20417 (call center facilitated); the commission ends.',
  ],
  [
    { outcome: 'transferred', reason: 'call-center-facilitated', previousNumber: null },
    'Agent 20417 becomes agent of record on 2027-01-01 (call center facilitated).',
  ],
  [
    { outcome: 'ended', reason: 'agent-terminated', agentNumber: null, commissionContinues: false },
    'Agent 20417 is agent of record no longer, from 2027-01-01 on, and nobody else is (agent terminated); the commission ends.',
  ],
  [
    { outcome: 'none', reason: 'no-agent-of-record', agentNumber: null, previousNumber: null },
    'Nobody is agent of record, as before (no agent of record).',
  ],
])('The decision %j reads “%s”', (fields, text) => {
  expect(decisionText(decision(fields), say)).toBe(text);
});

it.each<[Partial<OpsRun>, string]>([
  [{}, 'The password reset is open, at the step “pin”.'],
  [{ status: 'completed', outcome: 'completed' }, 'The password reset ended: completed.'],
  [{ status: 'cancelled', outcome: 'cancelled' }, 'The password reset was cancelled.'],
  [
    { type: 'planChange', status: 'open', stage: 'held' },
    'The plan change’s run is open, at the step “held”.',
  ],
  [{ type: 'other', status: 'failed' }, 'The run of other failed.'],
])('The run %j reads “%s”', (fields, text) => {
  expect(runText(run(fields), texts, 'en')).toBe(text);
});

it.each([
  ['en', say],
  ['es', di],
] as const)('Every audit action and every kind of email has a sentence: %s', (language, sayIt) => {
  const sentences = [
    ...AUDIT_ACTIONS.flatMap((action) => [
      auditText(audit({ action }), texts, language),
      auditText(audit({ action, outcome: 'not_found' }), texts, language),
    ]),
    ...MAIL_KINDS.map((kind) => emailText(email({ kind }), NOW_MS, sayIt)),
  ];

  for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
});

it('Every entry of a timeline is also told in Spanish, attempts in their plural forms', () => {
  const outdated = (attempts: number) =>
    emailText(email({ status: 'outdated', attempts }), NOW_MS, di).split('(')[1];

  expect([
    auditText(
      audit({ action: 'reset-opened', outcome: 'reset_exhausted', operator: 'ana', reason: 'Llamó.' }),
      texts,
      'es',
    ),
    auditText(audit({ action: 'registration-refused', outcome: 'username_taken' }), texts, 'es'),
    emailText(email({ kind: 'agent-of-record-kept', resends: 1 }), NOW_MS, di),
    emailText(email({ status: 'refused' }), NOW_MS, di),
    decisionText(decision({ role: 'lost', reason: 'agent-not-appointed' }), di),
    decisionText(decision({}), di),
    runText(run({ stage: 'pin' }), texts, 'es'),
    runText(run({ type: 'other', status: 'completed' }), texts, 'es'),
  ]).toEqual([
    'No se abrió un restablecimiento de contraseña: no quedaban intentos. Operador: ana. Motivo: “Llamó.”',
    'Se rechazó el registro de la cuenta: este nombre de usuario ya está en uso.',
    'El correo al agente que sigue siendo agente de registro se entregó; un operador lo hizo enviar de nuevo.',
    'El correo con el PIN fue rechazado definitivamente por el servidor de correo (código SMTP desconocido).',
    'Deja de ser agente de registro del cliente C-1 a partir del 2027-01-01 (el agente no tenía nombramiento).',
    'El agente 20417 sigue siendo agente de registro (la unidad lo completó); la comisión continúa.',
    'El restablecimiento de contraseña está abierto, en el paso “pin”.',
    'El proceso other terminó.',
  ]);
  expect([1, 2].map(outdated)).toEqual(['1 intento).', '2 intentos).']);
});

it('A timeline dates a run by its end, and an open run by its start', () => {
  const ended = run({ status: 'completed', closedAtMs: NOW_MS + 1000 });

  expect([runEntry(run({}), texts, 'en').at, runEntry(ended, texts, 'en').at]).toEqual([
    '2026-11-26T10:00:00.000Z',
    '2026-11-26T10:00:01.000Z',
  ]);
});

it('A timeline entry omits empty fields', () => {
  const entry = recordEntry(
    { atMs: NOW_MS, id: 'audit:1', fact: audit({ planChangeId: PLAN_CHANGE }) },
    NOW_MS,
    texts,
    'en',
  );

  expect(entry).toEqual({
    at: '2026-11-26T10:00:00.000Z',
    kind: 'signed-in',
    text: 'They signed in.',
    outcome: 'success',
    planChangeId: PLAN_CHANGE,
  });
});
