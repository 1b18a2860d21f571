import { createActivities } from '../../src/activities';
import { createKeyring, type Keyring } from '../../src/adapters/keys/keyring';
import type { PasswordResets } from '../../src/ports/password-reset';
import type { BrokerForReset } from '../../src/ports/registration';
import { createPasswordResets } from '../../src/adapters/temporal/password-reset-runs';
import { brokerResetIdentity } from '../../src/domain/password-reset/reset-identity';
import { foldAnswer } from '../../src/domain/accounts/security-answers';
import { createActivityFakes, MARIA, type ActivityFakes } from '../support/activity-fakes';
import { newPepper } from '../support/keyring';
import { secret } from '../../lab/system/secrets';
import type { ProofKind } from '../../src/domain/password-reset/password-reset';
import { withBrokerPins } from '../support/brand';
import { until } from '../support/until';
import { createTestTemporal, type TestTemporal } from '../support/temporal';

const DANA: BrokerForReset = {
  accountId: '5f0c2f3e-7e64-4b53-9a58-3a1f6f1f0b01',
  username: secret('dana.reed'),
  firstNameKey: secret('dananne'),
  lastNameKeys: [secret('reedham'), secret('oldname')],
  answers: [
    { questionId: 'first-pet', salt: 's1', stretched: 'rexington/s1', foldVersion: 2 },
    { questionId: 'first-car', salt: 's2', stretched: 'blue beetle/s2', foldVersion: 2 },
  ],
};
const NAMES = { username: 'Dana.Reed', firstName: 'Dananne', lastName: 'Reedham' };
const RIGHT = [
  { questionId: 'first-car', answer: secret('  Blue   BEETLE ') },
  { questionId: 'first-pet', answer: secret('Rexington') },
];
const WRONG = RIGHT.map(({ questionId }) => ({ questionId, answer: 'no idea' }));

let keyring: Keyring;
let temporal: TestTemporal;
let stopWorker: () => Promise<void>;
let fakes: ActivityFakes;
let resets: PasswordResets;

beforeAll(async () => {
  temporal = await createTestTemporal();
});

afterAll(() => temporal.close());

beforeEach(async () => {
  temporal.newTaskQueue();
  keyring = createKeyring([newPepper('now')]);
  fakes = createActivityFakes(keyring);
  resets = createPasswordResets({
    client: temporal.client,
    connection: temporal.connection,
    taskQueue: temporal.taskQueue,
    keys: keyring,
    accounts: { findIdByEmail: async () => null },
    brokers: {
      decoySeed: async () => 'seed',
      findForReset: async (username) => (username === DANA.username ? DANA : null),
    },
    stretcher: { stretch: async (answer, salt) => `${foldAnswer(answer)}/${salt}`, newSalt: () => '' },
    usage: fakes.deps.usage,
    records: fakes.records,
    notices: fakes.deps.notices,
    policies: withBrokerPins,
    clock: Date.now,
    evenMs: 0,
  });
  ({ stop: stopWorker } = await temporal.startWorker(createActivities(fakes.deps)));
});

afterEach(() => stopWorker());

async function open(names: Partial<typeof NAMES> = {}, proof: ProofKind = 'answers') {
  const result = await resets.openForBroker({ ...NAMES, ...names }, proof);
  if (result.kind !== 'opened') throw new Error(`not opened: ${result.kind}`);
  return result.reset;
}

describe('broker reset', () => {
  it('A broker proves identity with both answers, typed in any form and order, and then chooses a password', async () => {
    const { resetId, token, view, questionIds } = await open();
    const accepted = await resets.submitAnswers(resetId, token, RIGHT);
    fakes.staged.add('b9a3a4a0-0000-4000-8000-00000000000a');

    const done = await resets.commitPassword(resetId, token, 'b9a3a4a0-0000-4000-8000-00000000000a');

    expect(view).toMatchObject({ stage: 'answers', triesLeft: 3 });
    expect(view.resendAvailableAtMs).toBeUndefined();
    expect(questionIds).toEqual(['first-pet', 'first-car']);
    expect(accepted).toMatchObject({ kind: 'accepted', reset: { view: { stage: 'password' } } });
    expect(done).toMatchObject({ kind: 'done', reset: { accountId: DANA.accountId } });
    // The notice of the change may be out already.
    expect(fakes.sent.filter(({ subject }) => subject !== 'changed')).toEqual([]);
  });

  it('A broker reset can be opened under a previous last name and joined under the current one', async () => {
    const first = await open({ lastName: 'OLDNAME' });
    const second = await open();

    const accepted = await resets.submitAnswers(first.resetId, first.token, RIGHT);

    expect(second.resetId).toBe(first.resetId);
    expect(accepted.kind).toBe('accepted');
  });

  it('A broker reset takes three wrong guesses and is then exhausted', async () => {
    const { resetId, token } = await open();

    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await resets.submitAnswers(resetId, token, WRONG));

    expect(answers.map((answer) => (answer.kind === 'wrong' ? answer.triesLeft : answer.kind))).toEqual([
      2,
      1,
      0,
      'exhausted',
    ]);
  });

  it('A broker reset evaluates only as many of 100 parallel guesses as its budget has', async () => {
    const { resetId, token } = await open();

    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        // Some of many concurrent callers on a busy machine may get 503: nothing is evaluated then either.
        resets.submitAnswers(resetId, token, WRONG).catch(() => ({ kind: 'unavailable' as const })),
      ),
    );

    expect(answers.filter(({ kind }) => kind === 'wrong')).toHaveLength(3);
  });

  it('A broker reset takes no PIN, makes none and counts no guess for it', async () => {
    const { resetId, token } = await open();

    await expect(resets.submitPin(resetId, token, '1234')).rejects.toMatchObject({ reason: 'wrong_proof' });
    await expect(resets.resend(resetId, token)).rejects.toMatchObject({ reason: 'wrong_proof' });
    await expect(resets.showUsername(resetId, token)).rejects.toMatchObject({ reason: 'wrong_proof' });
    expect((await resets.look(resetId, token)).view.triesLeft).toBe(3);
  });
});

describe('broker reset by PIN', () => {
  const letters = () => fakes.sent.filter(({ subject }) => subject === 'PIN');
  const pinOf = async (number = 1): Promise<string> => {
    await until(() => letters().length >= number);
    return secret(letters()[number - 1]!.text.slice(-4));
  };
  beforeEach(() => {
    fakes.recipient = {
      ...MARIA,
      accountId: DANA.accountId,
      portal: 'broker',
      email: secret('dana@example.com'),
    };
  });

  it('A broker proves identity with the PIN sent to the address on record, and then chooses a password', async () => {
    const { resetId, token, view, questionIds, sentTo } = await open({}, 'pin');
    const accepted = await resets.submitPin(resetId, token, await pinOf());
    await expect(resets.showUsername(resetId, token)).rejects.toMatchObject({ reason: 'wrong_proof' });
    fakes.staged.add('b9a3a4a0-0000-4000-8000-00000000000b');

    const done = await resets.commitPassword(resetId, token, 'b9a3a4a0-0000-4000-8000-00000000000b');

    expect(view).toMatchObject({ stage: 'pin', triesLeft: 3 });
    expect(view.expiresAtMs - (view.resendAvailableAtMs ?? 0)).toBe(19 * 60_000);
    expect([questionIds, sentTo]).toEqual([undefined, undefined]);
    expect(accepted).toMatchObject({ kind: 'accepted', reset: { view: { stage: 'password' } } });
    expect(done).toMatchObject({ kind: 'done', reset: { accountId: DANA.accountId } });
    expect(letters().map(({ to }) => to)).toEqual([fakes.recipient?.email]);
  });

  it('A broker may have one open reset for each proof, and neither takes the proof of the other', async () => {
    const byAnswers = await open();
    const byPin = await open({}, 'pin');
    const joined = await open({}, 'pin');

    expect(byPin.resetId).not.toBe(byAnswers.resetId);
    expect(joined.resetId).toBe(byPin.resetId);
    await expect(resets.submitPin(byAnswers.resetId, byAnswers.token, await pinOf())).rejects.toMatchObject({
      reason: 'wrong_proof',
    });
    await expect(resets.submitAnswers(byPin.resetId, byPin.token, RIGHT)).rejects.toMatchObject({
      reason: 'wrong_proof',
    });
    expect((await resets.submitPin(joined.resetId, joined.token, await pinOf())).kind).toBe('accepted');
    expect((await resets.submitAnswers(byAnswers.resetId, byAnswers.token, RIGHT)).kind).toBe('accepted');
  });

  it('Both proofs have one budget, which parallel guesses at both together cannot exceed', async () => {
    const { guessesPerDay } = withBrokerPins.broker.resetLimits;
    const used = await open();
    for (let i = 0; i < 3; i++) await resets.submitAnswers(used.resetId, used.token, WRONG);
    const again = await open();
    for (let i = 0; i < 3; i++) await resets.submitAnswers(again.resetId, again.token, WRONG);
    const [byAnswers, byPin] = [await open(), await open({}, 'pin')];
    const wrongPin = (await pinOf()) === '0000' ? '1111' : '0000';

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0
          ? resets.submitAnswers(byAnswers.resetId, byAnswers.token, WRONG)
          : resets.submitPin(byPin.resetId, byPin.token, wrongPin)
        ).catch(() => ({ kind: 'unavailable' as const })),
      ),
    );

    expect(new Set([used, again, byAnswers, byPin].map(({ resetId }) => resetId)).size).toBe(4);
    expect(answers.filter(({ kind }) => kind === 'wrong')).toHaveLength(guessesPerDay - 6);
    await expect(resets.openForBroker(NAMES, 'pin')).resolves.toMatchObject({ kind: 'exhausted' });
  });

  it('PINs that are used up leave the answers, which need none', async () => {
    const { resetId, token } = await open({}, 'pin');
    await pinOf();
    for (const sequence of [2, 3])
      await fakes.deps.usage.recordPin({
        resetId,
        subjectKey: keyring.subjectKey('now', 'broker', brokerResetIdentity(DANA.accountId)),
        sequence,
        atMs: Date.now(),
        pinsPerDay: 3,
      });

    const resent = await resets.resend(resetId, token);

    expect(resent.kind).toBe('exhausted');
    expect((await open()).view.stage).toBe('answers');
  });

  it('A broker who does not exist has the same reset, without an email', async () => {
    const known = await open({}, 'pin');
    const unknown = await open({ lastName: 'Somebody-Else' }, 'pin');
    await pinOf();

    const [one, other] = [known, unknown].map(({ resetId: _id, token: _token, ...rest }) => rest);

    expect(Object.keys(other!)).toEqual(Object.keys(one!));
    expect(Object.keys(other!.view)).toEqual(Object.keys(one!.view));
    expect(await resets.submitPin(unknown.resetId, unknown.token, await pinOf())).toEqual({
      kind: 'wrong',
      triesLeft: 2,
    });
    expect(letters()).toHaveLength(1);
  });
});

describe('unknown brokers', () => {
  it('An unknown username is asked the same two questions each time, whatever names come with it', async () => {
    const first = await open({ username: 'nobody' });
    const again = await open({ username: 'NOBODY', firstName: 'Other' });

    expect(first.questionIds).toHaveLength(2);
    expect(again.questionIds).toEqual(first.questionIds);
    expect(new Set(first.questionIds).size).toBe(2);
  });

  it('A known username under another name is asked its questions, but right answers prove nothing', async () => {
    const { resetId, token, questionIds } = await open({ lastName: 'Somebody-Else' });

    const answer = await resets.submitAnswers(resetId, token, RIGHT);

    expect(questionIds).toEqual(['first-pet', 'first-car']);
    expect(answer).toEqual({ kind: 'wrong', triesLeft: 2 });
  });

  it('A stranger who opens a reset under another name does not block the account owner’s', async () => {
    const stranger = await open({ lastName: 'Somebody-Else' });
    const owner = await open();

    expect(stranger.resetId).not.toBe(owner.resetId);
    expect((await resets.submitAnswers(owner.resetId, owner.token, RIGHT)).kind).toBe('accepted');
  });
});
