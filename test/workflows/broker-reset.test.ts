import { createActivities } from '../../src/activities';
import { createKeyring, type Keyring } from '../../src/adapters/keys/keyring';
import type { PasswordResets } from '../../src/ports/password-reset';
import type { BrokerForReset } from '../../src/ports/registration';
import { createPasswordResets } from '../../src/adapters/temporal/password-reset-runs';
import { foldAnswer } from '../../src/domain/accounts/security-answers';
import { createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { newPepper } from '../support/keyring';
import { secret } from '../../lab/system/secrets';
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
  const keyring: Keyring = createKeyring([newPepper('now')]);
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
    policies: fakes.deps.policies,
    clock: Date.now,
    evenMs: 0,
  });
  ({ stop: stopWorker } = await temporal.startWorker(createActivities(fakes.deps)));
});

afterEach(() => stopWorker());

async function open(names: Partial<typeof NAMES> = {}) {
  const result = await resets.openForBroker({ ...NAMES, ...names });
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
