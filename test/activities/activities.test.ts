import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import {
  accountRegisteredNotice,
  addressChangedNotice,
  invitationNotice,
  passwordChangedNotice,
  usernameRemindedNotice,
} from '../../src/contracts/notice';
import type { SendPinInput } from '../../src/contracts/password-reset';
import { mailRetryDelayMs } from '../../src/domain/mail-retry';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time';
import { MARIA, createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { createTestKeyring } from '../support/keyring';
import { portalPolicies } from '../support/brand';

const NOW = Date.UTC(2026, 10, 22, 8, 57);
const RESET = '0b0cba66-5bb5-4d50-8a3f-5e3c0c8f0001';
const CREDENTIAL = '0b0cba66-5bb5-4d50-8a3f-5e3c0c8f0002';

const keyring = createTestKeyring();
let fakes: ActivityFakes;
let activities: ReturnType<typeof createActivities>;
let nowMs: number;

beforeEach(() => {
  nowMs = NOW;
  fakes = createActivityFakes(keyring);
  fakes.clock = () => nowMs;
  void fakes.records.open({ resetId: RESET, accountId: MARIA.accountId, atMs: NOW });
  activities = createActivities(fakes.deps);
});

const run = <Result>(
  activity: (input: never) => Promise<Result>,
  input: unknown,
  attempt = 1,
): Promise<Result> =>
  new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') }).run(
    activity as (input: unknown) => Promise<Result>,
    input,
  );

const pinInput = (overrides: Partial<SendPinInput> = {}): SendPinInput => ({
  resetId: RESET,
  portal: 'member',
  subjectKey: 'subject',
  accountId: MARIA.accountId,
  pepperId: keyring.currentId,
  sequence: 1,
  madeAtMs: NOW,
  expiresAtMs: NOW + 90 * MINUTE_MS,
  pinsPerDay: 3,
  ...overrides,
});

describe('sendSignInCode', () => {
  const code = {
    signInId: RESET,
    accountId: MARIA.accountId,
    purpose: 'sign-in',
    pepperId: keyring.currentId,
    sequence: 1,
    digits: 6,
    madeAtMs: NOW,
    expiresAtMs: NOW + 10 * MINUTE_MS,
  } as const;

  it('sendSignInCode run twice sends one email; each code of each sign-in is another one', async () => {
    await run(activities.sendSignInCode, code);
    const again = await run(activities.sendSignInCode, code);
    await run(activities.sendSignInCode, { ...code, sequence: 2 });
    await run(activities.sendSignInCode, { ...code, signInId: CREDENTIAL });

    expect(again).toEqual({ outcome: 'delivered' });
    expect(fakes.sent.map(({ messageId }) => messageId)).toEqual([
      `sign-in-code.${RESET}.1`,
      `sign-in-code.${RESET}.2`,
      `sign-in-code.${CREDENTIAL}.1`,
    ]);
    expect(new Set(fakes.sent.map(({ text }) => text)).size).toBe(3);
  });

  it('A code sent again after a crash before the ledger was settled is the same, under the same Message-ID', async () => {
    const crashing = createActivities({
      ...fakes.deps,
      ledger: { ...fakes.deps.ledger, settle: () => Promise.reject(new Error('crashed')) },
    });
    await expect(run(crashing.sendSignInCode, code)).rejects.toThrow('crashed');

    await run(activities.sendSignInCode, code, 2);

    expect(fakes.sent).toHaveLength(2);
    expect(fakes.sent[0]).toEqual(fakes.sent[1]);
  });

  it('sendSignInCode sends nothing that is over, or of a sign-in that no longer stands', async () => {
    nowMs = code.expiresAtMs;
    const late = await run(activities.sendSignInCode, code);
    nowMs = NOW;
    fakes.beforeHandOver = () => (fakes.signInStands = false);
    const changed = await run(activities.sendSignInCode, { ...code, sequence: 2 });
    const gone = await run(activities.sendSignInCode, { ...code, sequence: 3 });

    expect([late, changed, gone]).toEqual([
      { outcome: 'outdated' },
      { outcome: 'delivered' },
      { outcome: 'no-recipient' },
    ]);
    expect(fakes.sent).toHaveLength(1);
  });
});

describe('sendPin', () => {
  it('sendPin run twice sends one email and counts one PIN', async () => {
    await run(activities.sendPin, pinInput());

    const again = await run(activities.sendPin, pinInput());

    expect(fakes.sent).toHaveLength(1);
    expect(again).toMatchObject({ outcome: 'delivered', usage: { pinsAtMs: [NOW] } });
  });

  it('A PIN email sent again after a crash before the ledger was settled has the same PIN and Message-ID', async () => {
    const crashing = createActivities({
      ...fakes.deps,
      ledger: { ...fakes.deps.ledger, settle: () => Promise.reject(new Error('crashed')) },
    });
    await expect(run(crashing.sendPin, pinInput())).rejects.toThrow('crashed');

    await run(activities.sendPin, pinInput(), 2);

    expect(fakes.sent.map(({ messageId, text }) => ({ messageId, text }))).toEqual([
      { messageId: `pin.${RESET}.1`, text: fakes.sent[1]!.text },
      { messageId: `pin.${RESET}.1`, text: fakes.sent[0]!.text },
    ]);
  });

  it('sendPin sends nothing over the daily budget and reports over-budget', async () => {
    for (const sequence of [1, 2, 3]) await run(activities.sendPin, pinInput({ sequence }));

    const fourth = await run(activities.sendPin, pinInput({ sequence: 4 }));

    expect(fourth).toMatchObject({ outcome: 'over-budget', usage: { pinsAtMs: [NOW, NOW, NOW] } });
    expect(fakes.sent).toHaveLength(3);
  });

  it('sendPin counts a PIN but sends nothing when the reset is no longer valid', async () => {
    fakes.records.changeIdentity();

    const result = await run(activities.sendPin, pinInput());

    expect(result).toMatchObject({ outcome: 'no-recipient', usage: { pinsAtMs: [NOW] } });
    expect(fakes.sent).toEqual([]);
  });

  it('sendPin counts a PIN but sends nothing for an unknown person', async () => {
    const { accountId: _known, ...stranger } = pinInput();

    const result = await run(activities.sendPin, stranger);

    expect(result).toMatchObject({ outcome: 'no-recipient', usage: { pinsAtMs: [NOW] } });
    expect(fakes.sent).toEqual([]);
  });

  it('sendPin fails with a type and a retry delay, but no email address, when the mail server is unavailable', async () => {
    fakes.mailServer = () => Object.assign(new Error(`451 <${MARIA.email}> try later`), { code: 451 });

    const failure: unknown = await run(activities.sendPin, pinInput(), 3).catch((error: unknown) => error);

    expect(failure).toMatchObject({ type: 'MailUnavailable', nextRetryDelay: mailRetryDelayMs(3, 0) });
    expect(String(failure)).toContain('451');
    expect(String(failure)).not.toContain(MARIA.email);
  });

  it('A PIN email that waited for a connection is written again with current data', async () => {
    fakes.beforeHandOver = () => {
      nowMs = NOW + 10 * MINUTE_MS;
      fakes.recipient = { ...MARIA, firstName: 'Renamed' };
    };

    const result = await run(activities.sendPin, pinInput());

    expect(result.outcome).toBe('delivered');
    expect(fakes.sent.map(({ text }) => text.split(':')[0])).toEqual(['Renamed']);
  });

  it('A PIN email is not sent if it expired or lost its recipient while waiting for a connection', async () => {
    fakes.beforeHandOver = () => void (nowMs = NOW + 90 * MINUTE_MS);
    const late = await run(activities.sendPin, pinInput());
    nowMs = NOW;
    fakes.beforeHandOver = () => {
      nowMs = NOW + MINUTE_MS;
      fakes.recipient = null;
    };
    const closed = await run(activities.sendPin, pinInput({ sequence: 2 }));

    expect([late.outcome, closed.outcome]).toEqual(['outdated', 'outdated']);
    expect(fakes.sent).toEqual([]);
    expect([...fakes.ledger.values()].map(({ outcome }) => outcome)).toEqual(['outdated', 'outdated']);
  });

  it('A PIN email is left to a newer attempt that began while this one was waiting', async () => {
    fakes.beforeHandOver = () => {
      nowMs = NOW + MINUTE_MS;
      const entry = fakes.ledger.get(`pin.${RESET}.1`)!;
      fakes.ledger.set(`pin.${RESET}.1`, { ...entry, attempts: entry.attempts + 1 });
    };

    await expect(run(activities.sendPin, pinInput())).rejects.toMatchObject({ type: 'MailUnavailable' });
    expect(fakes.sent).toEqual([]);
  });

  it('sendPin reports an expired PIN as outdated instead of sending it', async () => {
    nowMs = NOW + 90 * MINUTE_MS;

    const result = await run(activities.sendPin, pinInput());

    expect(result.outcome).toBe('outdated');
    expect(fakes.sent).toEqual([]);
  });
});

describe('recordWrongGuess', () => {
  it('recordWrongGuess run twice counts one guess', async () => {
    const guess = { resetId: RESET, subjectKey: 'subject', guessId: 'g1', atMs: NOW };
    await run(activities.recordWrongGuess, guess);

    await run(activities.recordWrongGuess, guess);
    const usage = await run(activities.loadResetUsage, { subjectKey: 'subject', nowMs: NOW });

    expect(usage).toMatchObject({ wrongGuessesAtMs: [NOW], consecutiveFailures: 1 });
  });

  const guessWrong = async (howMany: number, atMs = NOW): Promise<void> => {
    for (let i = 0; i < howMany; i++) {
      const guess = { resetId: RESET, subjectKey: 'subject', guessId: `g${i}-${atMs}`, atMs };
      await run(activities.recordWrongGuess, guess);
    }
  };

  it('recordWrongGuess notifies the owner at the last guess of the day and not earlier', async () => {
    await guessWrong(8);
    const before = [...fakes.notices];
    await guessWrong(9);

    expect(before).toEqual([]);
    expect(fakes.notices).toMatchObject([
      { kind: 'recovery-limit-reached', accountId: MARIA.accountId, announcedAtMs: NOW },
    ]);
  });

  it('recordWrongGuess notifies the owner once a day, however often the limit is reached', async () => {
    await guessWrong(11);
    await guessWrong(11);
    await guessWrong(9, NOW + DAY_MS);

    const ids = fakes.notices.map(({ messageId }) => messageId);
    expect(ids.length).toBeGreaterThan(2);
    expect(new Set(ids).size).toBe(2);
  });

  it('recordWrongGuess starts the same notice for an unknown person, but no email is sent', async () => {
    await fakes.records.open({ resetId: RESET, accountId: null, atMs: NOW });
    await guessWrong(9);

    expect(fakes.notices).toMatchObject([{ kind: 'recovery-limit-reached', accountId: undefined }]);
    expect(await run(activities.sendNotice, fakes.notices[0])).toEqual({ outcome: 'outdated' });
    expect(fakes.sent).toEqual([]);
  });

  it('Both portals have the same reset limits', () => {
    expect(portalPolicies.broker.resetLimits).toEqual(portalPolicies.member.resetLimits);
  });
});

describe('commitPassword', () => {
  const commit = {
    resetId: RESET,
    stagedId: CREDENTIAL,
    accountId: MARIA.accountId,
    subjectKey: 'subject',
    atMs: NOW,
  };

  it('commitPassword run twice starts the same notice', async () => {
    fakes.staged.add(CREDENTIAL);
    await run(activities.commitPassword, commit);

    const again = await run(activities.commitPassword, commit);

    expect(again).toEqual({ committed: true });
    expect(new Set(fakes.notices.map(({ messageId }) => messageId))).toEqual(
      new Set([`password-changed.${CREDENTIAL}`]),
    );
  });

  it('commitPassword announces nothing when the staged password is gone', async () => {
    const result = await run(activities.commitPassword, commit);

    expect(result).toEqual({ committed: false });
    expect(fakes.notices).toEqual([]);
  });
});

describe('recordUsernameShown', () => {
  it('recordUsernameShown run twice counts one success under one audit key', async () => {
    const shown = { resetId: RESET, accountId: MARIA.accountId, subjectKey: 'subject', atMs: NOW };
    await run(activities.recordUsernameShown, shown);
    await run(activities.recordUsernameShown, shown);

    const usage = await run(activities.loadResetUsage, { subjectKey: 'subject', nowMs: NOW });

    expect(new Set(fakes.audit.map(({ key }) => key))).toEqual(new Set([`reset:${RESET}`]));
    expect(usage.consecutiveFailures).toBe(0);
  });
});

describe('sendNotice', () => {
  const notice = passwordChangedNotice(MARIA.accountId, CREDENTIAL, NOW);

  it('sendNotice run twice sends one email', async () => {
    fakes.credentialDates.set(CREDENTIAL, NOW);
    await run(activities.sendNotice, notice);

    const again = await run(activities.sendNotice, notice);

    expect(again).toEqual({ outcome: 'delivered' });
    expect(fakes.sent).toHaveLength(1);
  });

  it('sendNotice refuses to run as a local activity', async () => {
    fakes.credentialDates.set(CREDENTIAL, NOW);
    const local = new MockActivityEnvironment({ isLocal: true }, { logger: new DefaultLogger('ERROR') });

    await expect(local.run(activities.sendNotice, notice)).rejects.toThrow('steps of their own');
    expect([fakes.sent, [...fakes.ledger]]).toEqual([[], []]);
  });

  it('sendNotice fails, to be retried, while the announced change is not written yet', async () => {
    await expect(run(activities.sendNotice, notice)).rejects.toMatchObject({ type: 'ChangeNotWritten' });
  });

  it('sendNotice ends as outdated when the announced change was never written', async () => {
    nowMs = NOW + MINUTE_MS;

    expect(await run(activities.sendNotice, notice)).toEqual({ outcome: 'outdated' });
  });

  it('sendNotice ends as refused when the mail server refuses the email for good', async () => {
    fakes.credentialDates.set(CREDENTIAL, NOW);
    fakes.mailServer = () => ({ kind: 'refused', smtpCode: 550 });

    expect(await run(activities.sendNotice, notice)).toEqual({ outcome: 'refused' });
  });

  it('sendNotice ends as outdated after three days', async () => {
    fakes.credentialDates.set(CREDENTIAL, NOW);
    nowMs = NOW + 3 * 24 * 60 * MINUTE_MS;

    expect(await run(activities.sendNotice, notice)).toEqual({ outcome: 'outdated' });
    expect(fakes.sent).toEqual([]);
  });

  it('An invitation email contains the code in its printed form', async () => {
    const invitationId = '0b0cba66-5bb5-4d50-8a3f-5e3c0c8f0003';
    fakes.invitations.set(invitationId, {
      recipient: MARIA,
      pepperId: keyring.currentId,
      expiresAtMs: NOW + HOUR_MS,
      open: true,
    });

    const result = await run(activities.sendNotice, invitationNotice(invitationId, NOW, NOW + HOUR_MS));

    expect(result).toEqual({ outcome: 'delivered' });
    expect(fakes.sent[0]!.text).toMatch(/^T\w{4}-\w{4}-\w{4}-\w{4}$/);
  });

  it('An invitation email is not sent once the invitation was used or replaced', async () => {
    const invitationId = '0b0cba66-5bb5-4d50-8a3f-5e3c0c8f0004';
    fakes.invitations.set(invitationId, {
      recipient: MARIA,
      pepperId: keyring.currentId,
      expiresAtMs: NOW + HOUR_MS,
      open: false,
    });

    const result = await run(activities.sendNotice, invitationNotice(invitationId, NOW, NOW + HOUR_MS));

    expect(result).toEqual({ outcome: 'outdated' });
    expect(fakes.sent).toEqual([]);
  });

  it('A registration email goes to the agent’s roster address, once the registration is written', async () => {
    const registered = accountRegisteredNotice(MARIA.accountId, NOW);
    await expect(run(activities.sendNotice, registered)).rejects.toMatchObject({ type: 'ChangeNotWritten' });
    const recipient = { ...MARIA, email: 'roster@example.com' };
    fakes.registered.set(MARIA.accountId, { recipient, agentNumber: 'AB-123', registeredAtMs: NOW });

    for (const _twice of [1, 2])
      expect(await run(activities.sendNotice, registered)).toEqual({ outcome: 'delivered' });

    expect(fakes.sent).toMatchObject([
      { subject: 'registered', to: 'roster@example.com', messageId: `account-registered.${MARIA.accountId}` },
    ]);
  });

  it('A registration email is not sent when the registration was never written', async () => {
    nowMs = NOW + MINUTE_MS;

    const result = await run(activities.sendNotice, accountRegisteredNotice(MARIA.accountId, NOW));

    expect(result).toEqual({ outcome: 'outdated' });
    expect(fakes.sent).toEqual([]);
  });

  it('An address-change email goes once, to the former address', async () => {
    const changeId = '0b0cba66-5bb5-4d50-8a3f-5e3c0c8f0006';
    const changed = addressChangedNotice(MARIA.accountId, changeId, NOW);
    const recipient = { ...MARIA, email: 'former@example.com' };
    fakes.addressChanges.set(changeId, { recipient, changedAtMs: NOW });

    for (const _twice of [1, 2])
      expect(await run(activities.sendNotice, changed)).toEqual({ outcome: 'delivered' });

    expect(fakes.sent).toMatchObject([{ subject: 'address', to: 'former@example.com' }]);
  });

  it('A username-reminder email goes to the owner of the account', async () => {
    const reminded = usernameRemindedNotice(MARIA.accountId, '0b0cba66-5bb5-4d50-8a3f-5e3c0c8f0005', NOW);

    const result = await run(activities.sendNotice, reminded);

    expect(result).toEqual({ outcome: 'delivered' });
    expect(fakes.sent).toMatchObject([{ subject: 'reminded', to: MARIA.email }]);
  });
});
