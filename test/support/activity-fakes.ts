/** In-memory implementations of the activities' ports, for workflow tests: they record their calls. */
import type { ActivityDeps } from '../../src/activities';
import { createMailTurns } from '../../src/activities/mail-turns';
import type { RegisteredAccount } from '../../src/ports/accounts';
import type { InvitationForMail } from '../../src/ports/invitation';
import type { InvitationCodes, PinSource } from '../../src/ports/keys';
import type {
  Addressee,
  Email,
  LedgerEntry,
  Recipient,
  SendResult,
  WrittenEmail,
} from '../../src/ports/mail';
import type { DueCredential } from '../../src/ports/password-rotation';
import type { AuditEvent } from '../../src/contracts/audit';
import type { DeliverNoticeInput, MailOutcome } from '../../src/contracts/notice';
import type { CommitStagedPasswordInput } from '../../src/contracts/password-reset';
import type { PasswordRotationInput } from '../../src/contracts/password-rotation';
import type { CredentialStatus } from '../../src/domain/password-rotation/password-rotation';
import { DAY_MS } from '../../src/domain/time';
import { FakeResetRecords } from './fake-reset-records';
import { createTestKeyring } from './keyring';
import { noPlanChanges } from './no-plan-changes';
import { secret } from '../../lab/system/secrets';
import { portalPolicies } from './brand';

export interface ActivityFakes {
  readonly deps: ActivityDeps;
  readonly records: FakeResetRecords;
  readonly sent: Email[];
  readonly notices: DeliverNoticeInput[];
  readonly audit: AuditEvent[];
  readonly commits: CommitStagedPasswordInput[];
  readonly staged: Set<string>;
  readonly ledger: Map<string, LedgerEntry & { outcome: MailOutcome | null; attempts: number }>;
  readonly credentialDates: Map<string, number>;
  /** By the new credential: the replaced one, whose rotation ends. */
  readonly endsRotationOf: Map<string, string>;
  readonly invitations: Map<string, InvitationForMail>;
  readonly registered: Map<string, RegisteredAccount>;
  readonly addressChanges: Map<string, { readonly recipient: Recipient; readonly changedAtMs: number }>;
  readonly twoStepChanges: Map<
    string,
    { readonly recipient: Recipient; readonly isOn: boolean; readonly changedAtMs: number }
  >;
  /** Due credentials without a run, by portal; started ones are removed. */
  readonly due: Map<string, DueCredential[]>;
  /** Due credentials whose password changes between the start of the run and the mark. */
  readonly changedMeanwhile: Set<string>;
  readonly rotations: PasswordRotationInput[];
  readonly changed: string[];
  readonly reminded: { readonly credentialId: string; readonly reminder: string; readonly atMs: number }[];
  credentialStatus: () => CredentialStatus;
  recipient: Recipient | null;
  /** What the mail server answers: an answer, or an error to throw. */
  mailServer: (email: Email) => SendResult | Error;
  /** Called while an email waits for a connection. */
  beforeHandOver: () => void;
  clock: () => number;
  identifies: boolean;
  signInStands: boolean;
  /** How many codes may still be counted. */
  codesPerHourLeft: number;
}

export const MARIA = {
  accountId: '5f0c2f3e-7e64-4b53-9a58-3a1f6f1f0a01',
  portal: 'member',
  email: secret('maria.lopez@example.com'),
  firstName: secret('Mariazinha'),
  username: secret('maria.lopez77'),
  language: 'en',
} as const satisfies Recipient;

interface Use {
  readonly key: string;
  readonly subjectKey: string;
  readonly kind: 'pin' | 'wrong' | 'success' | 'left';
  readonly atMs: number;
}

const written = ({ language }: Addressee, subject: string, text = ''): WrittenEmail => ({
  language: language ?? portalPolicies.member.languages[0] ?? '',
  subject,
  text,
  html: '',
});

export function createActivityFakes(
  keyring: PinSource & InvitationCodes = createTestKeyring(),
): ActivityFakes {
  const uses: Use[] = [];
  const use = (entry: Use): void => {
    if (!uses.some(({ key }) => key === entry.key)) uses.push(entry);
  };

  /** Guesses being compared, by reset and id. */
  const comparing = new Map<string, string>();

  const records = new FakeResetRecords();
  const fakes: ActivityFakes = {
    records,
    sent: [],
    notices: [],
    audit: [],
    commits: [],
    staged: new Set(),
    ledger: new Map(),
    credentialDates: new Map(),
    endsRotationOf: new Map(),
    due: new Map(),
    changedMeanwhile: new Set(),
    rotations: [],
    changed: [],
    reminded: [],
    credentialStatus: () => 'current',
    invitations: new Map(),
    registered: new Map(),
    addressChanges: new Map(),
    twoStepChanges: new Map(),
    signInStands: true,
    codesPerHourLeft: Infinity,
    recipient: MARIA,
    mailServer: () => ({ kind: 'accepted' }),
    beforeHandOver: () => undefined,
    clock: () => 0,
    identifies: true,
    deps: {
      clock: () => fakes.clock(),
      random: () => 0,
      inTurn: createMailTurns(5),
      identifies: () => fakes.identifies,
      standingResets: records,
      signIns: {
        find: async (signInId) => ({
          signInId,
          purpose: 'sign-in',
          accountId: MARIA.accountId,
          credentialId: crypto.randomUUID(),
          application: 'portal',
          sentTo: 'm***@example.com',
          pepperId: 'p1',
          codeDigits: 6,
          stands: fakes.signInStands,
        }),
        countCode: async () => fakes.codesPerHourLeft-- > 0,
      },
      recipients: { findRecipient: async () => fakes.recipient },
      pins: keyring,
      codes: keyring,
      accountChanges: {
        findRegistered: async (id) => fakes.registered.get(id) ?? null,
        findAddressChange: async (id) => fakes.addressChanges.get(id) ?? null,
        findTwoStepChange: async (id) => fakes.twoStepChanges.get(id) ?? null,
      },
      invitations: { findForMail: async (id) => fakes.invitations.get(id) ?? null },
      policies: portalPolicies,
      ...noPlanChanges,
      rotations: {
        findDue: async ({ portal, limit }) => (fakes.due.get(portal) ?? []).slice(0, limit),
        markStarted: async (ids) => {
          const marked: DueCredential[] = [];
          for (const [portal, due] of fakes.due) {
            marked.push(...due.filter(({ credentialId }) => ids.includes(credentialId)));
            fakes.due.set(
              portal,
              due.filter(({ credentialId }) => !ids.includes(credentialId)),
            );
          }
          return marked.filter(({ credentialId }) => fakes.changedMeanwhile.has(credentialId));
        },
        status: async () => fakes.credentialStatus(),
        recordReminder: async ({ credentialId, reminder, atMs }) => {
          const isSame = (other: (typeof fakes.reminded)[number]): boolean =>
            other.credentialId === credentialId && other.reminder === reminder;
          if (!fakes.reminded.some(isSame)) fakes.reminded.push({ credentialId, reminder, atMs });
        },
      },
      rotationRuns: {
        start: async (rotation) => {
          const isNew = !fakes.rotations.some(({ credentialId }) => credentialId === rotation.credentialId);
          if (isNew) fakes.rotations.push(rotation);
          return isNew;
        },
        passwordChanged: async ({ credentialId }) => void fakes.changed.push(credentialId),
      },
      notices: { start: async (notice) => void fakes.notices.push(notice) },
      audit: { record: async (event) => void fakes.audit.push(event) },
      templates: {
        pin: ({ pin, recipient }) => written(recipient, 'PIN', `${recipient.firstName}: ${pin}`),
        signInCode: ({ code, purpose, recipient }) => written(recipient, purpose, code),
        twoStepChanged: ({ isOn, recipient }) => written(recipient, isOn ? 'on' : 'off'),
        passwordChanged: ({ recipient }) => written(recipient, 'changed'),
        usernameReminded: ({ recipient }) => written(recipient, 'reminded'),
        recoveryLimitReached: ({ recipient }) => written(recipient, 'used up'),
        accountRegistered: ({ agentNumber, recipient }) => written(recipient, 'registered', agentNumber),
        addressChanged: ({ recipient }) => written(recipient, 'address'),
        invitation: ({ code, recipient }) => written(recipient, 'invitation', code),
        planChangeCompleted: ({ recipient }) => written(recipient, 'completed'),
        agentOfRecord: ({ change, recipient }) => written(recipient, change),
        planChangeCorrected: ({ cause, recipient }) => written(recipient, 'corrected', cause),
        agentOfRecordCorrected: ({ now, recipient }) => written(recipient, 'corrected', now),
        agentTerminated: ({ agentNumber, recipient }) => written(recipient, 'terminated', agentNumber),
        planChangeHeld: ({ planChangeId, recipient }) => written(recipient, 'held', planChangeId),
        planChangeWaiting: ({ planChangeId, recipient }) => written(recipient, 'waiting', planChangeId),
        passwordReminder: ({ expiresAtMs, recipient }) => written(recipient, 'reminder', String(expiresAtMs)),
      },
      mailer: {
        send: async (email, attempt) => {
          const answer = fakes.mailServer(email);
          if (answer instanceof Error) throw answer;
          fakes.beforeHandOver();
          const due = await attempt.renew(email);
          if (due === null || !attempt.isDue()) return { kind: 'withdrawn' };
          if (answer.kind === 'accepted') fakes.sent.push(due);
          return answer;
        },
      },
      ledger: {
        begin: async (entry) => {
          const known = fakes.ledger.get(entry.messageId) ?? { ...entry, outcome: null, attempts: 0 };
          const attempt = known.attempts + 1;
          fakes.ledger.set(entry.messageId, { ...known, attempts: attempt });
          return { settled: known.outcome, attempt };
        },
        isCurrent: async (messageId, attempt) => {
          const entry = fakes.ledger.get(messageId);
          return entry?.attempts === attempt && entry.outcome === null;
        },
        settle: async (messageId, outcome) => {
          const entry = fakes.ledger.get(messageId);
          if (entry) fakes.ledger.set(messageId, { ...entry, outcome });
        },
      },
      credentials: {
        findChange: async (credentialId) => {
          const setAtMs = fakes.credentialDates.get(credentialId);
          const endsRotationOf = fakes.endsRotationOf.get(credentialId) ?? null;
          return setAtMs === undefined ? null : { setAtMs, endsRotationOf };
        },
        commitStaged: async (input) => {
          fakes.commits.push(input);
          const committed = fakes.staged.has(input.stagedId);
          if (committed) fakes.credentialDates.set(input.stagedId, input.atMs);
          return committed;
        },
      },
      usage: {
        load: async (subjectKey, nowMs) => {
          const own = uses.filter(
            (entry) => entry.subjectKey === subjectKey && entry.atMs > nowMs - 30 * DAY_MS,
          );
          const lastSuccess = own.findLastIndex(({ kind }) => kind === 'success');
          return {
            pinsAtMs: own.filter(({ kind }) => kind === 'pin').map(({ atMs }) => atMs),
            wrongGuessesAtMs: own.filter(({ kind }) => kind === 'wrong').map(({ atMs }) => atMs),
            consecutiveFailures: own.slice(lastSuccess + 1).filter(({ kind }) => kind === 'wrong').length,
          };
        },
        recordPin: async ({ resetId, subjectKey, sequence, atMs, pinsPerDay }) => {
          const key = `${resetId}/pin/${sequence}`;
          const ofDay = uses.filter(
            (entry) => entry.kind === 'pin' && entry.subjectKey === subjectKey && entry.atMs > atMs - DAY_MS,
          );
          if (ofDay.some((entry) => entry.key === key)) return true;
          if (ofDay.length >= pinsPerDay) return false;
          use({ key, subjectKey, kind: 'pin', atMs });
          return true;
        },
        beginGuess: async ({ resetId, subjectKey, guessId }) => {
          const before = [...comparing].filter(
            ([key, subject]) =>
              subject === subjectKey && !uses.some((entry) => entry.key === key.replace('/', '/wrong/')),
          ).length;
          comparing.set(`${resetId}/${guessId}`, subjectKey);
          return before;
        },
        endGuess: async ({ resetId, guessId }) => {
          comparing.delete(`${resetId}/${guessId}`);
        },
        recordWrongGuess: async ({ resetId, subjectKey, guessId, atMs }) =>
          use({ key: `${resetId}/wrong/${guessId}`, subjectKey, kind: 'wrong', atMs }),
        ofReset: async (resetId, token) => {
          const own = uses.filter((entry) => entry.key.startsWith(`${resetId}/`));
          return {
            pins: own
              .filter(({ kind }) => kind === 'pin')
              .map(({ key, atMs }) => ({ sequence: Number(key.split('/')[2]), atMs })),
            wrongGuessesAtMs: own.filter(({ kind }) => kind === 'wrong').map(({ atMs }) => atMs),
            left: own.some(({ key }) => key === `${resetId}/left/${token}`),
          };
        },
        recordLeaving: async ({ resetId, subjectKey, token, atMs }) =>
          use({ key: `${resetId}/left/${token}`, subjectKey, kind: 'left', atMs }),
        recordSuccess: async ({ resetId, subjectKey, atMs }) =>
          use({ key: `${resetId}/success`, subjectKey, kind: 'success', atMs }),
      },
    },
  };
  return fakes;
}
