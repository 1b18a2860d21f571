import { randomUUID } from 'node:crypto';
import { createActivities } from '../../src/activities';
import { createKeyring, type Keyring } from '../../src/adapters/keys/keyring';
import type { NamedKey } from '../../src/config';
import { operationOf } from '../../src/ports/operation';
import type { PasswordResets } from '../../src/ports/password-reset';
import { createPasswordResets } from '../../src/adapters/temporal/password-reset-runs';
import { passwordResetId } from '../../src/contracts/workflow-ids';
import type { ResetView } from '../../src/domain/password-reset/password-reset';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time';
import { MARIA, createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { newPepper } from '../support/keyring';
import { secret } from '../../lab/system/secrets';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

const STRANGER = secret('nobody.knows@example.com');

let temporal: TestTemporal;
let stopWorker: () => Promise<void>;
let fakes: ActivityFakes;
let resets: PasswordResets;
let pepper: NamedKey;
let keyring: Keyring;
/** Moves the API's clock along with the run's, which the tests fast-forward. */
let apiAheadMs = 0;

beforeAll(async () => {
  temporal = await createTestTemporal();
});

afterAll(async () => {
  await temporal.close();
});

beforeEach(async () => {
  temporal.newTaskQueue();
  pepper = newPepper('now');
  keyring = createKeyring([pepper]);
  fakes = createActivityFakes(keyring);
  fakes.clock = Date.now;
  apiAheadMs = 0;
  resets = resetsWith(keyring);
  ({ stop: stopWorker } = await temporal.startWorker(createActivities(fakes.deps)));
});

afterEach(async () => {
  await stopWorker();
});

const resetsWith = (keys: Keyring, { evenMs = 0 } = {}): PasswordResets =>
  createPasswordResets({
    client: temporal.client,
    connection: temporal.connection,
    taskQueue: temporal.taskQueue,
    keys,
    accounts: { findIdByEmail: async (_portal, email) => (email === MARIA.email ? MARIA.accountId : null) },
    brokers: { decoySeed: async () => 'seed', findForReset: async () => null },
    stretcher: { stretch: async (answer) => answer, newSalt: () => '' },
    usage: fakes.deps.usage,
    records: fakes.records,
    notices: fakes.deps.notices,
    policies: fakes.deps.policies,
    clock: () => Date.now() + apiAheadMs,
    evenMs,
  });

const runId = (email: string): string =>
  passwordResetId('member', keyring.subjectKey(keyring.currentId, 'member', email));

async function forward(seconds: number, email = MARIA.email): Promise<boolean> {
  apiAheadMs += seconds * 1000;
  return temporal.forward(runId(email), seconds);
}

async function open(email = MARIA.email) {
  const result = await resets.openForMember(email);
  if (result.kind !== 'opened') throw new Error(`not opened: ${result.kind}`);
  return { id: result.reset.resetId, token: result.reset.token, view: result.reset.view };
}

/** The PIN in the newest PIN email, once `count` were sent. */
async function pinFromMail(count = 1): Promise<string> {
  const pins = () => fakes.sent.filter(({ subject }) => subject === 'PIN');
  await until(() => pins().length >= count);
  return secret(/: (\d{4})$/.exec(pins()[count - 1]!.text)![1]!);
}

/** PINs that are neither the right one nor an older one. */
function wrongPins(...right: string[]): string[] {
  return ['0000', '1111', '2222', '3333', '4444', '5555', '6666'].filter((pin) => !right.includes(pin));
}

/** Wrong guesses at another reset of the same person. */
async function useGuesses(howMany: number, email: string): Promise<void> {
  const subjectKey = keyring.subjectKey(keyring.currentId, 'member', email);
  for (let number = 1; number <= howMany; number++) {
    const guessId = String(number);
    await fakes.deps.usage.recordWrongGuess({ resetId: 'another', subjectKey, guessId, atMs: Date.now() });
  }
}

const pendingSteps = async (email = MARIA.email): Promise<unknown[]> => {
  const { raw } = await temporal.client.workflow.getHandle(runId(email)).describe();
  return (raw.pendingActivities ?? []).map(({ activityType }) => activityType?.name);
};

const outcomeOf = async (email = MARIA.email): Promise<unknown> =>
  (await temporal.client.workflow.getHandle(runId(email)).result()) as unknown;

describe('member reset', () => {
  it('A member reset goes from the emailed PIN to the committed password and the notice', async () => {
    const { id, token, view } = await open();
    const accepted = await resets.submitPin(id, token, await pinFromMail());
    fakes.staged.add('b9a3a4a0-0000-4000-8000-000000000001');

    const done = await resets.commitPassword(id, token, 'b9a3a4a0-0000-4000-8000-000000000001');

    expect(view).toMatchObject({ stage: 'pin', triesLeft: 3 });
    expect(accepted).toMatchObject({ kind: 'accepted', reset: { view: { stage: 'password' } } });
    expect(done).toMatchObject({ kind: 'done', reset: { view: { stage: 'completed' } } });
    expect(await outcomeOf()).toEqual({ ending: 'completed' });
    expect(fakes.sent.map(({ subject, messageId }) => [subject, messageId])).toEqual([
      ['PIN', `pin.${id}.1`],
      ['changed', 'password-changed.b9a3a4a0-0000-4000-8000-000000000001'],
    ]);
    expect(fakes.notices).toEqual([]);
    expect(await resets.look(id, token)).toMatchObject({ view: { stage: 'completed' } });
  });

  it('A member reset that shows the user ID cannot set a password afterwards', async () => {
    const { id, token } = await open();
    await resets.submitPin(id, token, await pinFromMail());

    const shown = await resets.showUsername(id, token);
    const chosen = await resets.commitPassword(id, token, 'b9a3a4a0-0000-4000-8000-000000000001');

    expect(shown).toMatchObject({
      kind: 'done',
      reset: { accountId: MARIA.accountId, view: { stage: 'username-shown' } },
    });
    expect(await resets.look(id, token)).toMatchObject({ accountId: MARIA.accountId });
    expect(chosen).toEqual({ kind: 'over' });
    expect(fakes.audit).toMatchObject([{ action: 'username-shown' }]);
  });

  it('A member reset expires after 90 minutes and not a minute earlier', async () => {
    const { id, token } = await open();
    const pin = await pinFromMail();

    const openAt89 = await forward(89 * 60);
    const openAt91 = await forward(2 * 60);

    expect([openAt89, openAt91]).toEqual([true, false]);
    expect(await outcomeOf()).toEqual({ ending: 'expired' });
    expect(await resets.submitPin(id, token, pin)).toEqual({ kind: 'over' });
    expect(await resets.look(id, token)).toMatchObject({ view: { stage: 'expired' } });
  });

  it('A PIN accepted late leaves 30 minutes to choose, one accepted early the rest of the 90', async () => {
    const early = await open();
    const earlyAnswer = await resets.submitPin(early.id, early.token, await pinFromMail());
    const openedAtMs = early.view.expiresAtMs - 90 * MINUTE_MS;
    await resets.cancel(early.id, early.token);

    const late = await open();
    const pin = await pinFromMail(2);
    await forward(85 * 60);
    const lateAnswer = await resets.submitPin(late.id, late.token, pin);
    const openAt114 = await forward(29 * 60);
    const openAt116 = await forward(2 * 60);

    expect(earlyAnswer).toMatchObject({ reset: { view: { expiresAtMs: openedAtMs + 90 * MINUTE_MS } } });
    expect(lateAnswer).toMatchObject({ kind: 'accepted' });
    expect([openAt114, openAt116]).toEqual([true, false]);
  });

  it('A new PIN is refused for 45 seconds and then supersedes the old one', async () => {
    const { id, token } = await open();
    const first = await pinFromMail();
    // The machine may take seconds in between: the exact boundary is tested in the domain.
    await forward(25);
    const tooSoon = await resets.resend(id, token);
    await forward(21);

    const made = await resets.resend(id, token);
    const second = await pinFromMail(2);
    const superseded = await resets.submitPin(id, token, first);
    const wrong = await resets.submitPin(id, token, wrongPins(first, second)[0]!);
    const accepted = await resets.submitPin(id, token, second);

    expect(tooSoon.kind).toBe('too-soon');
    expect(made).toMatchObject({ kind: 'made', reset: { view: { triesLeft: 3 } } });
    // Two PINs may be the same four digits; then the old one is the new one.
    if (first !== second) expect(superseded.kind).toBe('superseded');
    expect(wrong).toMatchObject({ kind: 'wrong', triesLeft: 2 });
    expect(accepted.kind).toBe('accepted');
  });

  it('A member reset lives 90 minutes from the newest PIN', async () => {
    const { id, token } = await open();
    await pinFromMail();
    await forward(60 * 60);
    await resets.resend(id, token);

    const openAt100 = await forward(40 * 60);
    const openAt151 = await forward(51 * 60);

    expect([openAt100, openAt151]).toEqual([true, false]);
  });

  it('A page that starts again joins the open reset and proves identity with the PIN already sent', async () => {
    const first = await open();
    const second = await open();
    const pin = await pinFromMail();

    const accepted = await resets.submitPin(second.id, second.token, pin);

    expect(second.id).toBe(first.id);
    expect(accepted.kind).toBe('accepted');
    expect(fakes.sent).toHaveLength(1);
  });

  it('A member reset is joined whatever Unicode form and case the address is written in', async () => {
    const first = await open('jose\u0301@correo-m\u00e9xico.example');

    const second = await open('JOS\u00c9@xn--correo-mxico-ieb.example');

    expect(second.id).toBe(first.id);
  });

  it('Only the page that proved identity can choose a password, see the account or end the reset', async () => {
    const prover = await open();
    const other = await open();
    await resets.submitPin(prover.id, prover.token, await pinFromMail());
    fakes.staged.add('b9a3a4a0-0000-4000-8000-000000000002');

    const othersChoice = await resets.commitPassword(
      other.id,
      other.token,
      'b9a3a4a0-0000-4000-8000-000000000002',
    );
    const othersView = await resets.look(other.id, other.token);
    await resets.cancel(other.id, other.token);
    const done = await resets.commitPassword(prover.id, prover.token, 'b9a3a4a0-0000-4000-8000-000000000002');

    expect(othersChoice).toEqual({ kind: 'not-proved' });
    expect(othersView.view.stage).toBe('pin');
    expect(othersView.accountId).toBeUndefined();
    expect(done.kind).toBe('done');
    expect(fakes.commits).toHaveLength(1);
  });

  it('A page that proved identity and then gave up sees its reset as cancelled', async () => {
    const { id, token } = await open();
    await resets.submitPin(id, token, await pinFromMail());

    await resets.cancel(id, token);

    expect(await resets.look(id, token)).toMatchObject({ view: { stage: 'cancelled' } });
    expect(await resetsWith(keyring).look(id, token)).toMatchObject({ view: { stage: 'cancelled' } });
  });

  it('A token of another reset or a tampered one is refused', async () => {
    const { id, token } = await open();
    const stranger = await open(STRANGER);

    await expect(resets.look(id, stranger.token)).rejects.toMatchObject({ reason: 'unauthorized' });
    await expect(resets.look(id, `${token.slice(0, -2)}xx`)).rejects.toMatchObject({
      reason: 'unauthorized',
    });
    await expect(resets.look(id, 'nonsense')).rejects.toMatchObject({ reason: 'unauthorized' });
  });

  it('A reset ends as cancelled when its page gives up, and the next one has a new id', async () => {
    const { id, token } = await open();

    await resets.cancel(id, token);
    const again = await open();

    expect(await resets.look(id, token)).toMatchObject({ view: { stage: 'cancelled' } });
    expect(again.id).not.toBe(id);
  });

  it('A reset stays open when the staged password is gone, so that one can be chosen again', async () => {
    const { id, token } = await open();
    await resets.submitPin(id, token, await pinFromMail());

    const lost = await resets.commitPassword(id, token, 'b9a3a4a0-0000-4000-8000-000000000003');
    fakes.staged.add('b9a3a4a0-0000-4000-8000-000000000004');
    const done = await resets.commitPassword(id, token, 'b9a3a4a0-0000-4000-8000-000000000004');

    expect(lost).toEqual({ kind: 'lost' });
    expect(done.kind).toBe('done');
  });

  it('A completed reset goes on until its email is out, and neither a new reset nor a cancellation touches it', async () => {
    const { id, token } = await open();
    await resets.submitPin(id, token, await pinFromMail());
    fakes.staged.add('b9a3a4a0-0000-4000-8000-000000000011');
    fakes.mailServer = () => new Error('away');

    const done = await resets.commitPassword(id, token, 'b9a3a4a0-0000-4000-8000-000000000011');
    const details = await describeDetails();
    const choseAgain = await resets.commitPassword(id, token, 'b9a3a4a0-0000-4000-8000-000000000011');
    await temporal.client.workflow.getHandle(runId(MARIA.email)).cancel();
    const [next, joined] = [await open(), await open()];
    fakes.mailServer = () => ({ kind: 'accepted' });

    expect(done.kind).toBe('done');
    expect(details).toContain('Email password-changed: **waiting for the mail server**');
    expect(choseAgain).toEqual({ kind: 'over' });
    expect(next.id).not.toBe(id);
    expect(joined.id).toBe(next.id);
    expect(await outcomeOf()).toEqual({ ending: 'completed' });
    expect(fakes.sent.map(({ subject }) => subject)).toContain('changed');
  });

  it('A completed reset no longer sends a PIN that waits for the mail server', async () => {
    fakes.mailServer = () => new Error('away');
    const { id, token } = await open();
    await resets.submitPin(id, token, keyring.pin(keyring.currentId, id, 1, 4));
    fakes.staged.add('b9a3a4a0-0000-4000-8000-000000000012');

    await resets.commitPassword(id, token, 'b9a3a4a0-0000-4000-8000-000000000012');
    fakes.mailServer = ({ subject }) => (subject === 'changed' ? new Error('away') : { kind: 'accepted' });
    await until(async () => (await pendingSteps()).join() === 'sendNotice');
    fakes.mailServer = () => ({ kind: 'accepted' });

    expect(await outcomeOf()).toEqual({ ending: 'completed' });
    expect(fakes.sent.map(({ subject }) => subject)).toEqual(['changed']);
  });

  it('A reset ends as cancelled when an operator cancels its run', async () => {
    const { id, token } = await open();
    await pinFromMail();

    await temporal.client.workflow.getHandle(runId(MARIA.email)).cancel();

    await expect(outcomeOf()).rejects.toThrow();
    expect(await resets.look(id, token)).toMatchObject({ view: { stage: 'cancelled' } });
  });
});

describe('repeated requests', () => {
  const operations = () => {
    const operationId = randomUUID();
    return [operationOf(operationId), operationOf(operationId, true)] as const;
  };

  it('A repeated wrong PIN counts once and gets the first answer', async () => {
    const [first, repeated] = operations();
    const { id, token } = await open();
    const [wrong] = wrongPins(await pinFromMail());
    const answer = await resets.submitPin(id, token, wrong!, first);

    expect(await resets.submitPin(id, token, wrong!, repeated)).toEqual(answer);
    expect(await resets.submitPin(id, token, wrong!)).toMatchObject({ kind: 'wrong', triesLeft: 1 });
  });

  it('A repeated request finds the password it set or the user ID it was shown after the run has ended', async () => {
    const [first, repeated] = operations();
    const choosing = await open();
    await resets.submitPin(choosing.id, choosing.token, await pinFromMail());
    const before = await resets.findCommit(choosing.id, choosing.token, repeated);
    fakes.staged.add('b9a3a4a0-0000-4000-8000-000000000010');
    await resets.commitPassword(choosing.id, choosing.token, 'b9a3a4a0-0000-4000-8000-000000000010', first);
    await outcomeOf();
    const looking = await open();
    await resets.submitPin(looking.id, looking.token, await pinFromMail(2));
    const shown = await resets.showUsername(looking.id, looking.token, first);
    await outcomeOf();

    expect(before).toBeNull();
    expect(await resets.findCommit(choosing.id, choosing.token, repeated)).toMatchObject({
      kind: 'done',
      reset: { view: { stage: 'completed' } },
    });
    expect(await resets.showUsername(looking.id, looking.token, repeated)).toEqual(shown);
    expect(fakes.commits).toHaveLength(1);
  });

  it('A repeated opening still counts as the opener’s, so its page may end the reset', async () => {
    const [first, repeated] = operations();
    await resets.openForMember(MARIA.email, first);
    const opened = await resets.openForMember(MARIA.email, repeated);
    if (opened.kind !== 'opened') throw new Error(`not opened: ${opened.kind}`);

    await resets.cancel(opened.reset.resetId, opened.reset.token);

    expect(await outcomeOf()).toEqual({ ending: 'cancelled' });
  });

  it('A repeated guess counts once at a reset that another page has completed', async () => {
    const [first, repeated] = operations();
    const joined = await open();
    const prover = await open();
    await resets.submitPin(prover.id, prover.token, await pinFromMail());
    await resets.showUsername(prover.id, prover.token);
    await outcomeOf();

    for (const operation of [first, repeated])
      expect(await resets.submitPin(joined.id, joined.token, '0000', operation)).toMatchObject({
        kind: 'wrong',
      });

    const { wrongGuessesAtMs } = await fakes.deps.usage.ofReset(joined.id, '');
    expect(wrongGuessesAtMs).toHaveLength(1);
  });
});

describe('reset of a changed identity', () => {
  it('The emailed PIN counts as a wrong guess, as for an unknown person, after the identity changed', async () => {
    const { id, token } = await open();
    const pin = await pinFromMail();
    fakes.records.changeIdentity();
    const stranger = await open(STRANGER);

    const answers = [];
    const strangers = [];
    for (let i = 0; i < 4; i++) {
      answers.push(await resets.submitPin(id, token, pin));
      strangers.push(await resets.submitPin(stranger.id, stranger.token, pin));
    }

    const told = answers.map(({ accountId: _forTheAuditLog, ...answer }) => answer);
    expect(told.map((answer) => (answer.kind === 'wrong' ? answer.triesLeft : answer.kind))).toEqual([
      2,
      1,
      0,
      'exhausted',
    ]);
    expect(told.map(({ kind }) => kind)).toEqual(strangers.map(({ kind }) => kind));
    expect((await resets.look(id, token)).view.stage).toBe('pin');
  });

  it('A reset sends no further PIN after the identity changed', async () => {
    const { id, token } = await open();
    await pinFromMail();
    fakes.records.changeIdentity();
    await forward(46);

    const made = await resets.resend(id, token);
    await until(async () => (await describeDetails()).includes('no-recipient'));

    expect(made.kind).toBe('made');
    expect(fakes.sent).toHaveLength(1);
  });

  it('A reset is not joined after the identity changed: the next opening makes a new one that can complete', async () => {
    const before = await open();
    const oldPin = await pinFromMail();
    fakes.records.changeIdentity();

    const after = await open();
    const joined = await open();
    const [pin, stagedId] = [await pinFromMail(2), 'b9a3a4a0-0000-4000-8000-000000000005'];
    const outlived = await resets.submitPin(before.id, before.token, oldPin);
    const accepted = await resets.submitPin(joined.id, joined.token, pin);
    fakes.staged.add(stagedId);
    const done = await resets.commitPassword(joined.id, joined.token, stagedId);

    expect(after.id).not.toBe(before.id);
    expect(joined.id).toBe(after.id);
    expect(after.token).toHaveLength(before.token.length);
    expect([outlived.kind, accepted.kind, done.kind]).toEqual(['wrong', 'accepted', 'done']);
  });

  it('The new owner of an email address neither joins nor sees the reset of the previous owner', async () => {
    const before = await open();
    await pinFromMail();
    for (const resetId of fakes.records.opened.keys()) fakes.records.opened.set(resetId, 'another account');

    const after = await open();
    await resets.submitPin(after.id, after.token, await pinFromMail(2));
    const shown = await resets.showUsername(after.id, after.token);

    expect(after.id).not.toBe(before.id);
    expect(shown).toMatchObject({ kind: 'done', reset: { accountId: MARIA.accountId } });
  });

  it('A page with proof loses password, user ID and account after the identity changed', async () => {
    const { id, token } = await open();
    await resets.submitPin(id, token, await pinFromMail());
    const before = await resets.look(id, token);
    fakes.records.changeIdentity();

    const after = await resets.look(id, token);
    const shown = await resets.showUsername(id, token);
    const chosen = await resets.commitPassword(id, token, 'b9a3a4a0-0000-4000-8000-000000000006');

    expect(before).toMatchObject({ accountId: MARIA.accountId, view: { stage: 'password' } });
    expect(after).toMatchObject({ view: { stage: 'cancelled' } });
    expect(after).not.toHaveProperty('accountId');
    expect(after).not.toHaveProperty('username');
    expect([shown, chosen]).toEqual([{ kind: 'over' }, { kind: 'over' }]);
    expect(fakes.audit).toEqual([]);
  });

  it('A reset that showed the user ID no longer shows it after the identity changed', async () => {
    const { id, token } = await open();
    await resets.submitPin(id, token, await pinFromMail());
    const shown = await resets.showUsername(id, token);
    fakes.records.changeIdentity();

    const after = await resets.look(id, token);

    expect(shown).toMatchObject({ reset: { username: 'the.username' } });
    expect(after).toMatchObject({ view: { stage: 'username-shown' } });
    expect(after).not.toHaveProperty('username');
  });
});

describe('page that only joined', () => {
  /** The answers at each step, without ids and times. */
  async function toldTo(
    page: { id: string; token: string },
    pass: (seconds: number) => Promise<unknown>,
  ): Promise<unknown[]> {
    const shape = (view: ResetView) => ({
      stage: view.stage,
      triesLeft: view.triesLeft,
      mayResend: view.resendAvailableAtMs !== undefined,
    });
    const look = async () => shape((await resets.look(page.id, page.token)).view);
    const guess = async () => {
      const answer = await resets.submitPin(page.id, page.token, 'abcd');
      return answer.kind === 'wrong' ? answer.triesLeft : answer.kind;
    };
    const resend = async () => {
      const answer = await resets.resend(page.id, page.token);
      return answer.kind === 'made' ? shape(answer.reset.view) : answer.kind;
    };
    const told: unknown[] = [await look(), await guess(), await look(), await resend()];
    await pass(46);
    told.push(await resend(), await look(), await guess(), await guess(), await guess(), await guess());
    await pass(46);
    told.push(await resend(), await guess(), await look());
    await resets.cancel(page.id, page.token);
    return [...told, await look(), await guess(), await resend()];
  }

  it.each([
    ['and the owner has the email about it', 2],
    ['while the mail server is away, so that its run is still open', 1],
  ])(
    'After another page succeeded %s, a joined page is told the same as one of an unknown person',
    async (when, sent) => {
      const joined = await open();
      const prover = await open();
      const pin = await pinFromMail();
      await resets.submitPin(prover.id, prover.token, pin);
      fakes.staged.add('b9a3a4a0-0000-4000-8000-000000000009');
      if (when.includes('away')) fakes.mailServer = () => new Error('away');
      await resets.commitPassword(prover.id, prover.token, 'b9a3a4a0-0000-4000-8000-000000000009');
      if (!when.includes('away')) await outcomeOf();
      const ahead = apiAheadMs;

      // A succeeded reset has no clock.
      const afterSuccess = await toldTo(joined, async (seconds) => void (apiAheadMs += seconds * 1000));
      apiAheadMs = ahead;
      const invented = await toldTo(await open(STRANGER), (seconds) => forward(seconds, STRANGER));

      expect(afterSuccess).toEqual(invented);
      expect(afterSuccess).toContain('too-soon');
      expect(await resets.submitPin(joined.id, joined.token, pin)).toEqual({ kind: 'over' });
      expect(await resets.look(prover.id, prover.token)).toMatchObject({ view: { stage: 'completed' } });
      expect(fakes.sent).toHaveLength(sent);
    },
  );

  it('A joined page that uses up the day’s guesses has the owner notified, also after a Temporal outage', async () => {
    const joined = await open();
    const prover = await open();
    await resets.submitPin(prover.id, prover.token, await pinFromMail());
    await resets.showUsername(prover.id, prover.token);
    await outcomeOf();
    await useGuesses(8, MARIA.email);
    const { start } = fakes.deps.notices;
    fakes.deps.notices.start = () => Promise.reject(new Error('away'));
    await expect(resets.submitPin(joined.id, joined.token, '0000')).rejects.toThrow('away');
    fakes.deps.notices.start = start;

    const answer = await resets.submitPin(joined.id, joined.token, '0000');

    expect(answer.kind).toBe('exhausted');
    expect(fakes.notices).toMatchObject([{ kind: 'recovery-limit-reached', accountId: MARIA.accountId }]);
  });

  it('A joined page finds the reset expired when its PIN would have expired', async () => {
    const joined = await open();
    const prover = await open();
    await resets.submitPin(prover.id, prover.token, await pinFromMail());
    await resets.showUsername(prover.id, prover.token);
    await outcomeOf();
    apiAheadMs = 91 * MINUTE_MS;

    expect(await resets.look(joined.id, joined.token)).toMatchObject({ view: { stage: 'expired' } });
    expect(await resets.submitPin(joined.id, joined.token, '0000')).toEqual({ kind: 'over' });
  });

  it('A wrong PIN is not answered before the minimum response time', async () => {
    resets = resetsWith(keyring, { evenMs: 400 });
    const { id, token } = await open();
    const pin = await pinFromMail();
    const beganAt = performance.now();

    await resets.submitPin(id, token, wrongPins(pin)[0]!);

    expect(performance.now() - beganAt).toBeGreaterThanOrEqual(395);
  });
});

describe('change of peppers', () => {
  it('An open reset survives a change of peppers: its page, its PIN and pages that join it', async () => {
    const { id, token } = await open();
    const pin = await pinFromMail();
    const rotated = resetsWith(createKeyring([newPepper('next'), pepper]));

    const joined = await rotated.openForMember(MARIA.email);
    const accepted = await rotated.submitPin(id, token, pin);

    expect(joined).toMatchObject({ kind: 'opened', reset: { resetId: id } });
    expect(accepted.kind).toBe('accepted');
  });

  it('A change of peppers gives nobody a new budget', async () => {
    const subjectKey = keyring.subjectKey(keyring.currentId, 'member', STRANGER);
    for (const sequence of [1, 2, 3]) {
      await fakes.deps.usage.recordPin({
        resetId: 'r',
        subjectKey,
        sequence,
        atMs: Date.now(),
        pinsPerDay: 3,
      });
    }

    const opened = await resetsWith(createKeyring([newPepper('next'), pepper])).openForMember(STRANGER);

    expect(opened.kind).toBe('exhausted');
  });
});

describe('budget of a person', () => {
  it('Exactly three of 200 parallel wrong PINs are evaluated', async () => {
    const { id, token } = await open();
    const [wrong] = wrongPins(await pinFromMail());

    const answers = await Promise.all(Array.from({ length: 200 }, () => resets.submitPin(id, token, wrong!)));

    const kinds = answers.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'wrong')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'exhausted')).toHaveLength(197);
  });

  it('A reset gives three tries for each of three PINs, then ends, and no other opens that day', async () => {
    const { id, token } = await open();
    const pins = [await pinFromMail()];
    const answers = [];
    for (const round of [1, 2, 3]) {
      const wrong = wrongPins(...pins).slice(0, 3);
      for (const pin of wrong) answers.push(await resets.submitPin(id, token, pin));
      if (round === 3) break;
      answers.push(await resets.submitPin(id, token, pins.at(-1)!));
      await forward(46);
      await resets.resend(id, token);
      pins.push(await pinFromMail(round + 1));
    }
    const again = await resets.openForMember(MARIA.email);

    expect(answers.map((answer) => (answer.kind === 'wrong' ? answer.triesLeft : answer.kind))).toEqual([
      ...[2, 1, 0, 'exhausted'],
      ...[2, 1, 0, 'exhausted'],
      ...[2, 1, 0],
    ]);
    expect(await outcomeOf()).toEqual({ ending: 'exhausted' });
    expect(await resets.look(id, token)).toMatchObject({ view: { stage: 'exhausted' } });
    expect(again.kind).toBe('exhausted');
    if (again.kind === 'exhausted') expect(again.retryAfterMs).toBeGreaterThan(23 * HOUR_MS);
  });

  it('The budget is read again before the first guess, so an opening with an old budget gains nothing', async () => {
    fakes.mailServer = () => new Error('away');
    const { id, token } = await open();
    await useGuesses(9, MARIA.email);

    const answer = await resets.submitPin(id, token, keyring.pin(keyring.currentId, id, 1, 4));

    expect(['exhausted', 'over']).toContain(answer.kind);
  });
});

describe('unknown person', () => {
  it('An unknown person gets the same answers, tries, cooldowns and limits, and no email', async () => {
    const { id, token, view } = await open(STRANGER);
    const derived = keyring.pin(keyring.currentId, id, 1, 4);
    await forward(1, STRANGER);

    const answers = [];
    for (let i = 0; i < 4; i++) answers.push(await resets.submitPin(id, token, derived));
    const resend = await resets.resend(id, token);

    expect(view).toMatchObject({ stage: 'pin', triesLeft: 3 });
    expect(answers.map(({ kind }) => kind)).toEqual(['wrong', 'wrong', 'wrong', 'exhausted']);
    expect(resend.kind).toBe('too-soon');
    expect(fakes.sent).toEqual([]);
  });
});

describe('PIN email', () => {
  it('The PIN email is retried through an outage and sent once', async () => {
    let refusals = 2;
    fakes.mailServer = () => (refusals-- > 0 ? new Error('away') : { kind: 'accepted' });
    await open();

    await until(() => [...fakes.ledger.values()].some(({ outcome }) => outcome !== null));

    const [entry] = fakes.ledger.values();
    expect(fakes.sent).toHaveLength(1);
    expect(entry).toMatchObject({ attempts: 3, outcome: 'delivered' });
  });

  it('The PIN email is never sent after its PIN has expired', async () => {
    fakes.mailServer = () => new Error('away');
    await open();
    await until(() => [...fakes.ledger.values()].some(({ attempts }) => attempts > 0));

    fakes.clock = () => Date.now() + 2 * HOUR_MS;
    fakes.mailServer = () => ({ kind: 'accepted' });
    await until(() => [...fakes.ledger.values()].some(({ outcome }) => outcome !== null));

    expect(fakes.sent).toEqual([]);
    expect([...fakes.ledger.values()]).toMatchObject([{ outcome: 'outdated' }]);
  });

  it('The PIN email is not sent to an address that changed after the reset was opened', async () => {
    fakes.identifies = false;
    await open();

    await until(async () => (await describeDetails()).includes('no-recipient'));

    expect(fakes.sent).toEqual([]);
  });

  it('A refused PIN email leaves the reset open and is shown to operators', async () => {
    fakes.mailServer = () => ({ kind: 'refused', smtpCode: 550 });
    const { id, token } = await open();

    await until(async () => (await describeDetails()).includes('refused'));

    expect(await resets.look(id, token)).toMatchObject({ view: { stage: 'pin' } });
  });
});

describe('operators’ view', () => {
  it('Operators see a reset’s stage, what it waits for and until when', async () => {
    await open();
    await pinFromMail();
    await until(async () => (await describeDetails()).includes('delivered'));

    const details = await describeDetails();
    const { searchAttributes } = await temporal.client.workflow.getHandle(runId(MARIA.email)).describe();

    expect(details).toMatch(/Stage: \*\*pin\*\*/);
    expect(details).toMatch(/Waits for: \*\*the person to enter the PIN/);
    expect(details).toMatch(/Until: \*\*\d{4}-\d\d-\d\d \d\d:\d\d UTC/);
    expect(searchAttributes).toMatchObject({
      TenurePortal: ['member'],
      TenureStage: ['pin'],
      TenureAccount: [MARIA.accountId],
    });
  });

  it('Operators can search resets by stage and by outcome', async () => {
    const { id, token } = await open();
    await resets.submitPin(id, token, await pinFromMail());
    const proved = await temporal.client.workflow.getHandle(runId(MARIA.email)).describe();
    await resets.cancel(id, token);
    await outcomeOf();
    const ended = await temporal.client.workflow.getHandle(runId(MARIA.email)).describe();

    expect(proved.searchAttributes).toMatchObject({ TenureStage: ['password'] });
    expect(ended.searchAttributes).toMatchObject({ TenureStage: ['ended'], TenureOutcome: ['cancelled'] });
  });
});

const describeDetails = (email = MARIA.email): Promise<string> =>
  temporal.client.workflow
    .getHandle(runId(email))
    .query<{ currentDetails?: string }>('__temporal_workflow_metadata')
    .then(({ currentDetails }) => currentDetails ?? '');
