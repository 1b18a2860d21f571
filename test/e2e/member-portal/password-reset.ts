import { randomUUID } from 'node:crypto';
import { createAccountClosing } from '../../../src/adapters/postgres/account-closing';
import { expectNoSecrets, readableText, secret } from '../../../lab/system/secrets';
import { createTestTemporal, type TestTemporal } from '../../support/temporal';
import { until } from '../../support/until';
import type { Answer } from '../../../lab/system/json-client';
import { newPassword } from '../../../lab/system/members';
import type { ResetPage } from '../../../lab/system/reset-page';
import type { Stack } from '../../../lab/system/stack';
import { withStack } from '../support/with-stack';

let temporal: TestTemporal;
let stack: Stack;

withStack(async (started) => {
  stack = started;
  temporal = await createTestTemporal();
});

afterAll(() => temporal.close());

/** PINs that differ from all of `right`. */
const wrongPins = (...right: string[]): string[] =>
  ['0000', '1111', '2222', '3333'].filter((pin) => !right.includes(pin));

const codeOf = ({ status, body }: Answer): string => `${status} ${body?.code ?? body?.stage}`;

/** Moves the clock of the person's open reset; the API's does not change. */
const forward = (email: string, seconds: number): Promise<boolean> =>
  temporal.forward(stack.resetRunId(email), seconds);

/** Waits until the PIN of `page` was sent, or had no recipient. */
async function untilMailed(email: string): Promise<void> {
  await until(async () => {
    const { events } = await stack.client.workflow.getHandle(stack.resetRunId(email)).fetchHistory();
    return (events ?? []).some((event) => event.activityTaskCompletedEventAttributes);
  });
}

async function openAndProve(email: string): Promise<ResetPage> {
  const page = await stack.openReset(email);
  const proved = await page.submitPin(await stack.mailbox.pinTo(email));
  if (proved.status !== 200) throw new Error(`not proved: ${codeOf(proved)}`);
  return page;
}

describe('forgotten password', () => {
  it('A forgotten password is replaced with the emailed PIN: old sessions end, and a notice arrives', async () => {
    const ana = await stack.addPerson('anabelita');
    const chosen = newPassword();
    const session = (await stack.signIn(ana.username, ana.password)).body;

    const page = await stack.openReset(ana.email);
    const proved = await page.submitPin(await stack.mailbox.pinTo(ana.email));
    const completed = await page.choose(chosen);
    const oldPassword = await stack.signIn(ana.username, ana.password);
    const oldSession = await stack.call('GET', '/v1/session', { token: session.token });
    const newSession = await stack.signIn(ana.username, chosen);
    const notice = await stack.mailbox.mailTo(ana.email, 2);
    const looked = await page.look();

    expect(page.opening).toMatchObject({
      status: 202,
      body: { stage: 'pin', progressPercent: 33, triesLeft: 3, sentTo: expect.stringMatching(/^a\*\*\*@/) },
    });
    expect(page.opening.headers.get('location')).toBe(`/v1/password-resets/${page.id}`);
    expect(proved).toMatchObject({ status: 200, body: { stage: 'password', progressPercent: 66 } });
    expect(completed).toMatchObject({ status: 200, body: { stage: 'completed', progressPercent: 100 } });
    expect(looked).toMatchObject({ status: 200, body: { stage: 'completed' } });
    expect(codeOf(oldPassword)).toBe('401 credentials_wrong');
    expect(codeOf(oldSession)).toBe('401 unauthorized');
    expect(newSession).toMatchObject({ status: 201, body: { account: { id: ana.accountId } } });
    expect(notice.subject).toMatch(/password was changed/i);
    expect(notice.messageId).toMatch(/^<password-changed\./);
    expect(await stack.mailbox.mailsTo(ana.email)).toHaveLength(2);
  });

  it('Reset emails are in the person’s language, English or Spanish', async () => {
    const bea = await stack.addPerson('beatricita', { language: 'en' });
    const caro = await stack.addPerson('carolinita', { language: 'es' });

    for (const { email } of [bea, caro]) await (await openAndProve(email)).choose(newPassword());
    const english = [await stack.mailbox.mailTo(bea.email, 1), await stack.mailbox.mailTo(bea.email, 2)];
    const spanish = [await stack.mailbox.mailTo(caro.email, 1), await stack.mailbox.mailTo(caro.email, 2)];

    expect(english.map(({ language }) => language)).toEqual(['en', 'en']);
    expect(spanish.map(({ language }) => language)).toEqual(['es', 'es']);
    expect(english.map(({ subject }) => subject)).toEqual([
      'Member Portal: your temporary PIN',
      expect.stringMatching(/your password was changed/i),
    ]);
    expect(spanish.map(({ subject }) => subject)).toEqual([
      'Portal de miembros: su PIN temporal',
      expect.stringMatching(/su contraseña/i),
    ]);
    for (const { text, html } of [...english, ...spanish]) {
      expect(`${text}${html}`).not.toMatch(/https?:|href/i);
    }
  });

  it('A person who closed the page and starts again can use the PIN already sent', async () => {
    const dora = await stack.addPerson('doroteita');
    await stack.openReset(dora.email);
    const pin = await stack.mailbox.pinTo(dora.email);

    const again = await stack.openReset(` ${dora.email.toUpperCase()} `);
    const proved = await again.submitPin(` ${pin} `);
    const completed = await again.choose(newPassword());

    expect([codeOf(proved), codeOf(completed)]).toEqual(['200 password', '200 completed']);
    await stack.mailbox.mailTo(dora.email, 2);
    expect((await stack.mailbox.mailsTo(dora.email)).map(({ messageId }) => messageId)).toEqual([
      expect.stringMatching(/^<pin\./),
      expect.stringMatching(/^<password-changed\./),
    ]);
  });

  it('A second page cannot choose a password with the proof of the first', async () => {
    const elsa = await stack.addPerson('elsabetita');
    const first = await openAndProve(elsa.email);
    const second = await stack.openReset(elsa.email);

    const othersChoice = await second.choose(newPassword());
    const othersUsername = await second.showUsername();
    const othersLook = await second.look();
    const stolen = await stack.call('POST', `/v1/password-resets/${randomUUID()}/password`, {
      token: first.token,
      body: { password: 'Stolen4you', confirmation: 'Stolen4you' },
    });
    const completed = await first.choose(newPassword());

    expect(second.id).toBe(first.id);
    expect(codeOf(othersChoice)).toBe('409 proof_required');
    expect(codeOf(othersUsername)).toBe('409 proof_required');
    expect(othersLook.body).toMatchObject({ stage: 'pin' });
    expect(othersLook.body).not.toHaveProperty('username');
    expect(codeOf(stolen)).toBe('401 unauthorized');
    expect(codeOf(completed)).toBe('200 completed');
  });

  it('A password that breaks a rule is refused, and the proof stays valid', async () => {
    const fran = await stack.addPerson('franciscita');
    const page = await openAndProve(fran.email);

    const refused = await page.choose('🔑🔑🔑');
    const same = await page.choose(fran.password);
    const completed = await page.choose(newPassword());

    expect(codeOf(refused)).toBe('422 password_refused');
    expect(refused.body.errors.length).toBeGreaterThan(0);
    expect(codeOf(same)).toBe('422 password_refused');
    expect(codeOf(completed)).toBe('200 completed');
  });

  it('A reset that is given up leaves the password as it is', async () => {
    const gina = await stack.addPerson('ginevrita');
    const page = await stack.openReset(gina.email);
    const pin = await stack.mailbox.pinTo(gina.email);

    const cancelled = await page.cancel();
    const looked = await page.look();
    const late = await page.submitPin(pin);
    const signedIn = await stack.signIn(gina.username, gina.password);

    expect(cancelled.status).toBe(204);
    expect(looked.body).toMatchObject({ stage: 'cancelled' });
    expect(codeOf(late)).toBe('410 reset_expired');
    expect(signedIn.status).toBe(201);
  });
});

describe('forgotten user ID', () => {
  it('A forgotten user ID is shown after the PIN, and the password stays as it is', async () => {
    const hana = await stack.addPerson('hannelorita');
    const page = await openAndProve(hana.email);

    const shown = await page.showUsername();
    const looked = await page.look();
    const chosen = await page.choose(newPassword());
    const signedIn = await stack.signIn(shown.body.username, hana.password);

    expect(shown).toMatchObject({
      status: 200,
      body: { stage: 'username-shown', progressPercent: 100, username: hana.username },
    });
    expect(looked.body).toMatchObject({ stage: 'username-shown', username: hana.username });
    expect(codeOf(chosen)).toBe('410 reset_expired');
    expect(signedIn.status).toBe(201);
    expect(await stack.mailbox.mailsTo(hana.email)).toHaveLength(1);
  });
});

describe('PIN', () => {
  it('A new PIN can be sent after 45 seconds and not earlier', async () => {
    const ines = await stack.addPerson('inezitaria');
    const page = await stack.openReset(ines.email);

    // Immediately: the 45 seconds are real time.
    const tooSoon = await page.resend();
    const first = await stack.mailbox.pinTo(ines.email);
    await forward(ines.email, 46);
    const resent = await page.resend();
    const second = await stack.mailbox.pinTo(ines.email, 2);
    const superseded = first === second ? undefined : await page.submitPin(first);
    const proved = await page.submitPin(second);

    expect(codeOf(tooSoon)).toBe('429 resend_too_soon');
    expect(Number(tooSoon.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(Number(tooSoon.headers.get('retry-after'))).toBeLessThanOrEqual(45);
    expect(resent).toMatchObject({ status: 202, body: { stage: 'pin', triesLeft: 3 } });
    if (superseded) expect(codeOf(superseded)).toBe('422 pin_superseded');
    expect(codeOf(proved)).toBe('200 password');
  });

  it('A PIN expires after 90 minutes, and then a new reset can be opened', async () => {
    const julia = await stack.addPerson('julianitaria');
    const page = await stack.openReset(julia.email);
    const pin = await stack.mailbox.pinTo(julia.email);

    await forward(julia.email, 91 * 60);
    const late = await page.submitPin(pin);
    const looked = await page.look();
    const lateResend = await page.resend();
    const again = await stack.openReset(julia.email);

    expect([codeOf(late), codeOf(lateResend)]).toEqual(['410 reset_expired', '410 reset_expired']);
    expect(looked).toMatchObject({ status: 200, body: { stage: 'expired' } });
    expect(again.id).not.toBe(page.id);
  });

  it('A PIN takes three wrong guesses, three PINs take nine, and then no reset can be opened that day', async () => {
    const karla = await stack.addPerson('karlotitaria');
    const page = await stack.openReset(karla.email);
    const pins: string[] = [];
    const answers: Answer[] = [];
    for (const round of [1, 2, 3]) {
      pins.push(await stack.mailbox.pinTo(karla.email, round));
      for (const wrong of wrongPins(...pins).slice(0, 3)) answers.push(await page.submitPin(wrong));
      if (round === 3) break;
      answers.push(await page.submitPin(pins.at(-1)!));
      await forward(karla.email, 46);
      await page.resend();
    }
    const over = await page.submitPin(pins.at(-1)!);
    const looked = await page.look();
    const again = await stack.tryToOpenReset(karla.email);
    const signedIn = await stack.signIn(karla.username, karla.password);

    expect(answers.map(({ status, body }) => body.triesLeft ?? status)).toEqual([
      ...[2, 1, 0, 429],
      ...[2, 1, 0, 429],
      ...[2, 1, 0],
    ]);
    expect(codeOf(over)).toBe('429 reset_exhausted');
    expect(looked.body).toMatchObject({ stage: 'exhausted' });
    expect(codeOf(again)).toBe('429 reset_exhausted');
    expect(Number(again.headers.get('retry-after'))).toBeGreaterThan(23 * 3600);
    expect(signedIn.status).toBe(201);
  });

  it('A PIN is compared with exactly three of 200 simultaneous wrong guesses', async () => {
    const lola = await stack.addPerson('loretitaria');
    const page = await stack.openReset(lola.email);
    const [wrong] = wrongPins(await stack.mailbox.pinTo(lola.email));

    const answers = await Promise.all(Array.from({ length: 200 }, () => page.submitPin(wrong!)));

    const codes = answers.map(codeOf);
    const unanswered = answers.filter(({ status, headers }) => status === 429 && !headers.has('retry-after'));
    expect(codes.filter((code) => code === '422 pin_wrong')).toHaveLength(3);
    expect(codes.filter((code) => code === '429 reset_exhausted')).toHaveLength(197);
    expect(unanswered).toEqual([]);
    expect(await stack.database.resetUse.count({ where: { resetId: page.id, kind: 'wrong' } })).toBe(3);
  });
});

describe('resets of a changed account', () => {
  const move = (accountId: string, email: string): Promise<unknown> =>
    stack.database.account.update({ where: { id: accountId }, data: { email, emailKey: email } });

  it('A PIN proves nothing once the password was changed, the account closed or the address given to another', async () => {
    const olga = await stack.addPerson('olgalindora');
    const petra = await stack.addPerson('petralindora');
    const quentin = await stack.addPerson('quentinlindo');
    const rosa = await stack.addPerson('rosalindora');
    const pages = await Promise.all([olga, petra, quentin].map(({ email }) => stack.openReset(email)));
    const pins = await Promise.all([olga, petra, quentin].map(({ email }) => stack.mailbox.pinTo(email)));
    const password = newPassword();
    const changed = await stack.call('POST', '/v1/portals/member/password-changes', {
      body: { username: olga.username, currentPassword: olga.password, password, confirmation: password },
    });
    const closing = createAccountClosing(stack.database);
    await closing.close(petra.accountId, Date.now(), 'ops');
    await closing.reopen(petra.accountId, Date.now(), 'ops');
    await move(quentin.accountId, secret('quentin.elsewhere@example.com'));
    await move(rosa.accountId, quentin.email);

    const guesses = await Promise.all(pages.map((page, index) => page.submitPin(pins[index]!)));
    const again = await stack.openReset(petra.email);
    expect(codeOf(await again.submitPin(await stack.mailbox.pinTo(petra.email, 2)))).toBe('200 password');
    const chosen = await again.choose(newPassword());
    const joined = await stack.openReset(quentin.email);
    const shown = await joined
      .submitPin(await stack.mailbox.pinTo(quentin.email, 2))
      .then(() => joined.showUsername());

    expect(changed.status).toBe(204);
    expect(guesses.map(codeOf)).toEqual(Array(3).fill('422 pin_wrong'));
    expect(guesses.map(({ body }) => body.triesLeft)).toEqual([2, 2, 2]);
    expect(codeOf(chosen)).toBe('200 completed');
    expect(joined.id).not.toBe(pages[2]!.id);
    expect(shown.body).toMatchObject({ stage: 'username-shown', username: rosa.username });
  });
});

describe('unknown person', () => {
  it('An unknown person gets the same status, headers and answer shape at every step, and no email', async () => {
    const mona = await stack.addPerson('monicitaria');
    const stranger = secret('nobody.at.all@example.com');
    const faces = async (email: string): Promise<Answer[]> => {
      const page = await stack.openReset(email);
      await untilMailed(email);
      const pin = stack.keyring.pin(stack.keyring.currentId, page.id, 1, 4);
      const [wrong] = wrongPins(pin);
      const answers = [page.opening, await page.look(), await page.resend(), await page.choose('Abcd4567')];
      for (let guess = 0; guess < 4; guess++) answers.push(await page.submitPin(wrong!));
      answers.push(await page.showUsername(), await page.cancel(), await page.look());
      return answers;
    };

    const known = await faces(mona.email);
    const unknown = await faces(stranger);

    expect(unknown.map(faceOf)).toEqual(known.map(faceOf));
    expect(known.map(codeOf)).toContain('422 pin_wrong');
    expect(await stack.mailbox.mailsTo(mona.email)).toHaveLength(1);
    expect(await stack.mailbox.mailsTo(stranger)).toEqual([]);
  });

  it('An unknown person cannot prove identity with the PIN that would have been derived', async () => {
    const stranger = secret('nobody.else.either@example.com');
    const page = await stack.openReset(stranger);
    await untilMailed(stranger);

    const guess = await page.submitPin(stack.keyring.pin(stack.keyring.currentId, page.id, 1, 4));

    expect(codeOf(guess)).toBe('422 pin_wrong');
  });

  /** The parts of an answer that are comparable between people: everything except ids, times and the typed address. */
  function faceOf({ status, headers, body }: Answer): object {
    const volatile = ['id', 'token', 'sentTo', 'expiresAt', 'resendAvailableAt'];
    return {
      status,
      headers: [...headers.keys()].filter((name) => name !== 'content-length').toSorted(),
      keys: Object.keys(body ?? {}),
      values: Object.entries(body ?? {}).filter(([key]) => !volatile.includes(key)),
    };
  }
});

describe('Idempotency-Key', () => {
  it('A repeated opening with an Idempotency-Key gets the same answer and opens nothing twice', async () => {
    const nora = await stack.addPerson('noretitaria');
    const other = await stack.addPerson('olivitaria');
    const key = { 'idempotency-key': randomUUID() };

    const first = await stack.tryToOpenReset(nora.email, key);
    const same = await stack.tryToOpenReset(nora.email, key);
    const otherBody = await stack.tryToOpenReset(other.email, key);

    expect(first.status).toBe(202);
    expect(same).toMatchObject({ status: 202, body: first.body });
    expect(same.headers.get('location')).toBe(first.headers.get('location'));
    expect(codeOf(otherBody)).toBe('422 idempotency_key_reused');
    await stack.mailbox.mailTo(nora.email);
    expect(await stack.mailbox.mailsTo(other.email)).toEqual([]);
  });
});

describe('known password', () => {
  it('A known password can be changed: sessions end, the new one signs in, and a notice arrives', async () => {
    const paula = await stack.addPerson('paulinitaria');
    const chosen = newPassword();
    const session = (await stack.signIn(paula.username, paula.password)).body;

    const changed = await stack.call('POST', '/v1/portals/member/password-changes', {
      body: {
        username: paula.username,
        currentPassword: paula.password,
        password: chosen,
        confirmation: chosen,
      },
    });
    const oldSession = await stack.call('GET', '/v1/session', { token: session.token });
    const oldPassword = await stack.signIn(paula.username, paula.password);
    const newSession = await stack.signIn(paula.username, chosen);
    const notice = await stack.mailbox.mailTo(paula.email);

    expect(changed.status).toBe(204);
    expect(codeOf(oldSession)).toBe('401 unauthorized');
    expect(codeOf(oldPassword)).toBe('401 credentials_wrong');
    expect(newSession.status).toBe(201);
    expect(notice.subject).toMatch(/your password was changed/i);
  });
});

describe('operators’ view', () => {
  it('Operators see how a run ended, and nothing personal or secret', async () => {
    const rita = await stack.addPerson('ritalinda');
    await (await openAndProve(rita.email)).choose(newPassword());
    const completed = `WorkflowId = '${stack.resetRunId(rita.email)}' AND TenureOutcome = 'completed'`;

    await until(async () => (await stack.client.workflow.count(completed)).count === 1);
    const runs = await stack.runs();
    const ids = runs.map(({ workflowId }) => workflowId);

    for (const { workflowId, raw } of runs) expectNoSecrets(workflowId, readableText(raw));
    expect(ids).toContain(stack.resetRunId(rita.email));
    expect(
      ids.filter(
        (id) => !/^(password-reset\/member|notice|rotation-sweep)\/[\w.:-]+(\/after-[\w-]+)?$/.test(id),
      ),
    ).toEqual([]);
  });
});
