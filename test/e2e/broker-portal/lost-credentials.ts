/** Forgotten passwords and usernames, and expired passwords. */
import { secret } from '../../../lab/system/secrets';
import {
  changePassword,
  mailAbout,
  namesTypedSloppily,
  newBrokerPassword,
  openReset,
  register,
  remind,
  signIn,
  spaced,
  tryToOpenReset,
  typedSloppily,
  verify,
  type BrokerKind,
} from '../../../lab/system/brokers';
import {
  changedMail,
  codeOf,
  enrolled,
  expirePassword,
  listed,
  sessionOf,
  stack,
  wrongAnswers,
} from './brokers';

const remindedMail = /your username was looked up/i;

describe('forgotten password', () => {
  it.each<[BrokerKind, string, 'lastName' | 'previousLastName']>([
    ['agent', 'natalinetta', 'lastName'],
    ['agent', 'octavianno', 'previousLastName'],
    ['corporation', 'pantaleona', 'lastName'],
    ['corporation', 'quintiliana', 'previousLastName'],
    ['other', 'rosalindetta', 'lastName'],
  ])(
    'A broker of kind %s (%s) replaces a forgotten password with both answers, found by %s',
    async (kind, name, field) => {
      const broker = await enrolled(name, kind);
      const [chosen, typed] = [
        newBrokerPassword(),
        namesTypedSloppily({ firstName: broker.firstName, lastName: broker[field] }),
      ];
      const session = (await signIn(stack, broker)).body;

      const page = await openReset(stack, { username: broker.username.toUpperCase(), ...typed });
      const proved = await page.submitAnswers(typedSloppily(broker));
      const refused = await page.choose(broker.password);
      const completed = await page.choose(chosen);
      const notice = await mailAbout(stack, broker.email, changedMail);
      const after = [
        await sessionOf(session.token),
        await signIn(stack, broker),
        await signIn(stack, { ...broker, password: chosen }),
        await signIn(stack, { ...broker, password: chosen }, 'express-app'),
      ];

      expect(page.opening.body).toMatchObject({
        portal: 'broker',
        stage: 'answers',
        progressPercent: 33,
        triesLeft: 3,
        questions: broker.answers.map(({ questionId }) => ({ id: questionId, text: expect.any(String) })),
      });
      expect(page.opening.body).not.toHaveProperty('username');
      expect(proved).toMatchObject({ status: 200, body: { stage: 'password', progressPercent: 66 } });
      expect(codeOf(refused)).toBe('422 password_refused');
      expect(completed).toMatchObject({
        status: 200,
        body: { stage: 'completed', progressPercent: 100, username: broker.username },
      });
      expect(after.map(({ status, body }) => body.code ?? status)).toEqual([
        'unauthorized',
        'credentials_wrong',
        201,
        201,
      ]);
      expect(notice.messageId).toMatch(/^<password-changed\./);
      expect(`${notice.text}${notice.html}`).toContain('877.454.0923');
    },
  );

  it('A broker who registered in Spanish replaces a forgotten password in Spanish', async () => {
    const broker = await listed('serafinella');
    const spanish = { 'accept-language': 'es' };
    const verified = await verify(stack, broker);
    await register(stack, verified.body.token, broker, spanish);
    const { username, firstName, lastName } = broker;

    const opening = await stack.call('POST', '/v1/portals/broker/password-resets', {
      body: { username, firstName, lastName },
      headers: spanish,
    });
    const page = await openReset(stack, broker);
    await page.submitAnswers(typedSloppily(broker));
    await page.choose(newBrokerPassword());
    const notice = await mailAbout(stack, broker.email, /su contraseña/i);

    expect(opening.body.questions).toEqual([
      { id: 'first-pet', text: '¿Cómo se llamaba su primera mascota?' },
      { id: 'first-car', text: '¿De qué marca y modelo fue su primer auto?' },
    ]);
    expect(notice).toMatchObject({ language: 'es', subject: expect.stringMatching(/su contraseña/i) });
  });

  it('Only as many simultaneous wrong answers as the budget allows are compared, on all pages of a reset', async () => {
    const broker = await enrolled('theodorinna');
    const codes: string[] = [];
    let sent = 0;
    for (const [reset, atOnce] of [60, 12, 12].entries()) {
      const pages = [
        await openReset(stack, broker),
        await openReset(stack, broker),
        await openReset(stack, broker),
      ];
      const answers = await Promise.all(
        Array.from({ length: atOnce }, (_, index) =>
          pages[index % pages.length]!.submitAnswers(wrongAnswers(broker)),
        ),
      );

      codes.push(...answers.map(codeOf));
      sent += atOnce;
      const compared = 3 * (reset + 1);
      expect(new Set(pages.map(({ id }) => id)).size).toBe(1);
      expect(codes.filter((code) => code === '422 answers_wrong')).toHaveLength(compared);
      expect(codes.filter((code) => code === '429 reset_exhausted')).toHaveLength(sent - compared);
      expect(await stack.database.resetUse.count({ where: { resetId: pages[0]!.id, kind: 'wrong' } })).toBe(
        3,
      );
    }

    const over = await tryToOpenReset(stack, broker);
    const signedIn = await signIn(stack, broker);

    expect(codeOf(over)).toBe('429 reset_exhausted');
    expect(Number(over.headers.get('retry-after'))).toBeGreaterThan(23 * 3600);
    expect(signedIn.status).toBe(201);
  });
});

describe('forgotten username', () => {
  it.each<[BrokerKind, string, 'lastName' | 'previousLastName']>([
    ['agent', 'ulrikellina', 'lastName'],
    ['agent', 'valentinetta', 'previousLastName'],
    ['corporation', 'wilhelminka', 'lastName'],
    ['corporation', 'xaverianna', 'previousLastName'],
    ['other', 'yolandellina', 'lastName'],
  ])(
    'A broker of kind %s (%s) is shown a forgotten username, found by %s, and is notified',
    async (kind, name, field) => {
      const broker = await enrolled(name, kind);
      const names = namesTypedSloppily({ firstName: broker.firstName, lastName: broker[field] });
      const own =
        kind === 'other'
          ? { notAnAgent: true, email: broker.email.toUpperCase() }
          : { agentNumber: spaced(broker.agentNumber) };

      const reminded = await remind(stack, { ...names, ...own });
      const notice = await mailAbout(stack, broker.email, remindedMail);
      const signedIn = await signIn(stack, { ...broker, username: reminded.body.username });

      expect(reminded).toMatchObject({ status: 200, body: { username: broker.username } });
      expect(Object.keys(reminded.body)).toEqual(['username']);
      expect(notice.messageId).toMatch(/^<username-reminded\./);
      expect(`${notice.text}${notice.html}`).not.toContain(broker.username);
      expect(signedIn.status).toBe(201);
    },
  );
});

describe('expired password', () => {
  it('An expired password allows nothing but choosing a new one', async () => {
    const broker = await enrolled('fredegunda');
    const chosen = newBrokerPassword();
    const session = (await signIn(stack, broker)).body;
    await expirePassword(broker.accountId);

    const refused = [await signIn(stack, broker), await signIn(stack, broker, 'express-app')];
    const wrong = await signIn(stack, { ...broker, password: secret('Wrong4_word') });
    const oldSession = await sessionOf(session.token);
    const same = await changePassword(stack, broker, broker.password);
    const changed = await changePassword(stack, broker, chosen);
    const after = [
      await signIn(stack, broker),
      await signIn(stack, { ...broker, password: chosen }),
      await signIn(stack, { ...broker, password: chosen }, 'express-app'),
    ];
    const notice = await mailAbout(stack, broker.email, changedMail);

    expect(refused.map(codeOf)).toEqual(['403 password_expired', '403 password_expired']);
    for (const { body } of refused)
      expect(Object.keys(body)).toEqual(['type', 'title', 'status', 'code', 'detail']);
    expect([wrong, oldSession, same].map(codeOf)).toEqual([
      '401 credentials_wrong',
      '401 unauthorized',
      '422 password_refused',
    ]);
    expect(changed.status).toBe(204);
    expect(after.map(({ status }) => status)).toEqual([401, 201, 201]);
    expect(notice.messageId).toMatch(/^<password-changed\./);
  });

  it('An expired password can also be reset as forgotten', async () => {
    const broker = await enrolled('gundelindis');
    await expirePassword(broker.accountId);
    const password = newBrokerPassword();

    const page = await openReset(stack, broker);
    await page.submitAnswers(typedSloppily(broker));
    const completed = await page.choose(password);

    expect(completed).toMatchObject({ status: 200, body: { stage: 'completed' } });
    expect((await signIn(stack, { ...broker, password })).status).toBe(201);
  });
});
