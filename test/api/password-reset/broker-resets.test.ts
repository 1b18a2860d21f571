import { MINUTE_MS } from '../../../src/domain/time';
import type { Recovery } from '../../../src/domain/portal';
import { withBrokerPins } from '../../support/brand';
import { startApi, type Api, type Called } from '../api';
import { entries, registerWith, RESETS } from '../registration/broker-calls';

let api: Api;
beforeEach(async () => {
  api = await startApi();
  api.brokers.addAgent({ lastNames: ['O’Dwyer', 'Kelly'] });
  await registerWith(api);
  api.events.length = 0;
});
afterEach(() => api.close());

const seamus = { username: 'seamus.odwyer', firstName: 'Séamus', lastName: 'O’Dwyer' };
const right = [
  { questionId: 'first-pet', answer: 'Rex of the Hill' },
  { questionId: 'first-car', answer: 'Ford Anglia' },
];
const wrong = [
  { questionId: 'first-pet', answer: 'Bello' },
  { questionId: 'first-car', answer: 'Ford Anglia' },
];

interface Held {
  readonly path: string;
  readonly token: string;
}

const open = (body: object = seamus, headers = {}): Promise<Called> =>
  api.call('POST', RESETS, { body, headers });
async function hold(body: object = seamus): Promise<Held> {
  const opened = await open(body);
  return { path: `/v1/password-resets/${opened.body.id}`, token: opened.body.token };
}
const answer = ({ path, token }: Held, answers: unknown = right): Promise<Called> =>
  api.call('POST', `${path}/answers`, { token, body: { answers } });

describe('Opening a broker’s reset', () => {
  it('Opening a broker’s reset is answered 202 with both questions', async () => {
    const { status, body, headers } = await open();

    expect(status).toBe(202);
    expect(body).toEqual({
      id: expect.any(String),
      portal: 'broker',
      stage: 'answers',
      progressPercent: 33,
      expiresAt: '2026-03-02T15:30:00.000Z',
      triesLeft: 3,
      questions: [
        { id: 'first-pet', text: 'What was the name of your first pet?' },
        { id: 'first-car', text: 'What make and model was your first car?' },
      ],
      token: expect.any(String),
    });
    expect(headers.get('location')).toBe(`/v1/password-resets/${body.id}`);
  });

  it('A broker’s reset asks its questions in the language of the page', async () => {
    const spanish = { 'accept-language': 'es' };
    const { body, headers } = await open(seamus, spanish);

    const looked = await api.call('GET', `/v1/password-resets/${body.id}`, {
      token: body.token,
      headers: spanish,
    });

    expect(headers.get('content-language')).toBe('es');
    expect(body.questions[0].text).toBe('¿Cómo se llamaba su primera mascota?');
    expect(looked.body.questions).toEqual(body.questions);
  });

  it.each([
    ['nobody', { ...seamus, username: 'nobody' }],
    ['another first name', { ...seamus, firstName: 'John' }],
    ['another last name', { ...seamus, lastName: 'Smith' }],
  ])(
    'Opening a broker’s reset for %s gets an answer of the same shape and the same audit event',
    async (_, person) => {
      const known = await open();
      const unknown = await open(person);

      expect(unknown.status).toBe(known.status);
      expect(Object.keys(unknown.body)).toEqual(Object.keys(known.body));
      expect(unknown.body).toMatchObject({ stage: 'answers', triesLeft: 3, expiresAt: known.body.expiresAt });
      expect(unknown.body.questions).toHaveLength(2);
      expect(api.events.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual(
        Array(2).fill('reset-opened success'),
      );
    },
  );

  it.each([
    ['username', 5, 'wrong_type'],
    ['username', '', 'required'],
    ['firstName', ' ', 'required'],
    ['lastName', undefined, 'required'],
    ['lastName', '99', 'wrong_format'],
    ['firstName', 'x'.repeat(201), 'too_long'],
  ])('Opening a broker’s reset refuses %s when it is %j', async (field, value, code) => {
    expect(entries(await open({ ...seamus, [field]: value }))).toEqual([`/${field} ${code}`]);
    expect(api.resets.calls).toEqual([]);
  });

  it('Opening a broker’s reset names the brokers’ help line when no tries are left', async () => {
    api.resets.exhaustedForMs = null;

    expect(await open()).toMatchObject({
      status: 429,
      body: { code: 'reset_exhausted', detail: 'Call 877.454.0923.' },
    });
  });
});

describe('Answering the questions', () => {
  it('Right answers in any order lead to the password', async () => {
    const { status, body } = await answer(await hold(), right.toReversed());

    expect(status).toBe(200);
    expect(body).toMatchObject({ portal: 'broker', stage: 'password', progressPercent: 66 });
    expect(body).not.toHaveProperty('questions');
  });

  it('Right answers may differ in case and spaces', async () => {
    const typed = [
      { questionId: 'first-pet', answer: '  REX   of the hill ' },
      { questionId: 'first-car', answer: 'ford anglia' },
    ];

    expect(await answer(await hold(), typed)).toMatchObject({ status: 200 });
  });

  it('Right answers are accepted under a previous last name', async () => {
    expect(await answer(await hold({ ...seamus, lastName: 'kelly' }))).toMatchObject({ status: 200 });
  });

  it('Wrong answers count the tries down and do not reveal which one was wrong', async () => {
    const held = await hold();

    const first = await answer(held, wrong);
    const second = await answer(held, [right[0], { questionId: 'first-car', answer: 'Bello' }]);
    const third = await answer(held, wrong);
    const fourth = await answer(held);

    expect([first, second, third]).toMatchObject(
      [2, 1, 0].map((triesLeft) => ({ status: 422, body: { code: 'answers_wrong', triesLeft } })),
    );
    expect(Object.keys(second.body)).toEqual(Object.keys(first.body));
    expect(fourth).toMatchObject({ status: 429, body: { code: 'reset_exhausted' } });
    expect(fourth.headers.get('retry-after')).toBe('61');
  });

  it('Right answers for an unknown person are answered like wrong ones for a known person', async () => {
    const known = await answer(await hold(), wrong);
    const unknown = await answer(await hold({ ...seamus, lastName: 'Smith' }));

    expect(unknown.status).toBe(known.status);
    expect(unknown.body).toEqual(known.body);
  });

  it('Wrong answers are explained in Spanish, with the tries left', async () => {
    const { path, token } = await hold();

    const { body } = await api.call('POST', `${path}/answers`, {
      token,
      body: { answers: wrong },
      headers: { 'accept-language': 'es' },
    });

    expect(body.detail).toContain('Intentos restantes: 2');
  });

  it('A broker’s reset expires after 30 minutes', async () => {
    const held = await hold();
    api.nowMs.value += 30 * MINUTE_MS;

    expect(await answer(held)).toMatchObject({ status: 410, body: { code: 'reset_expired' } });
  });

  it.each([
    [
      'another question',
      [right[0], { questionId: 'first-street', answer: 'x' }],
      '/answers/1/questionId unknown_question',
    ],
    ['a question twice', [right[0], right[0]], '/answers/1/questionId question_repeated'],
    ['one answer', [right[0]], '/answers wrong_count'],
    ['three answers', [...right, right[0]], '/answers wrong_count'],
    ['an empty answer', [right[0], { questionId: 'first-car', answer: ' ' }], '/answers/1/answer required'],
    ['a number', [right[0], { questionId: 'first-car', answer: 7 }], '/answers/1/answer wrong_type'],
    ['no list', 'Rex', '/answers wrong_type'],
  ])('Answering with %s is refused by field and uses up no try', async (_, answers, entry) => {
    const held = await hold();
    api.resets.calls.length = 0;

    expect(entries(await answer(held, answers))).toEqual([entry]);
    expect(api.resets.calls).toEqual([]);
    expect(await api.call('GET', held.path, { token: held.token })).toMatchObject({ body: { triesLeft: 3 } });
  });

  it('A wrong token is refused before the answers are checked', async () => {
    const { path } = await hold();

    expect(await answer({ path, token: 'wrong' }, [right[0], right[0]])).toMatchObject({ status: 401 });
  });

  it('Wrong answers count towards the global limit of wrong proofs and stop at it', async () => {
    const held = await hold();
    api.limiter.sizes['wrong-proofs-global'] = 1;
    await answer(held, wrong);
    api.resets.calls.length = 0;

    expect(await answer(held)).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
    expect(api.resets.calls).toEqual([]);
  });
});

describe('A broker’s reset by PIN', () => {
  const byPin = { ...seamus, proof: 'pin' };
  const prove = ({ path, token }: Held, pin: string): Promise<Called> =>
    api.call('POST', `${path}/pin`, { token, body: { pin } });
  const restart = async (recovery: Recovery): Promise<void> => {
    await api.close();
    api = await startApi({
      policies: { ...withBrokerPins, broker: { ...withBrokerPins.broker, recovery } },
    });
    api.brokers.addAgent({ lastNames: ['O’Dwyer', 'Kelly'] });
    await registerWith(api);
    api.events.length = 0;
  };

  it('A broker proves identity with a PIN, chooses a password and is shown the username', async () => {
    await restart('either');
    const opened = await open(byPin);
    const held = { path: `/v1/password-resets/${opened.body.id}`, token: opened.body.token };

    const refused = await prove(held, '0000');
    const proved = await prove(held, '1785');
    const completed = await api.call('POST', `${held.path}/password`, {
      token: held.token,
      body: { password: 'Rainy_day8', confirmation: 'Rainy_day8' },
    });

    expect(opened.status).toBe(202);
    expect(opened.body).toEqual({
      id: expect.any(String),
      portal: 'broker',
      stage: 'pin',
      progressPercent: 33,
      expiresAt: '2026-03-02T15:20:00.000Z',
      resendAvailableAt: '2026-03-02T15:01:00.000Z',
      triesLeft: 3,
      token: expect.any(String),
    });
    expect(refused).toMatchObject({ status: 422, body: { code: 'pin_wrong', triesLeft: 2 } });
    expect(proved).toMatchObject({ status: 200, body: { stage: 'password', progressPercent: 66 } });
    expect(completed).toMatchObject({
      status: 200,
      body: { stage: 'completed', username: 'seamus.odwyer' },
    });
  });

  it.each([
    ['another last name', { ...byPin, lastName: 'Smith' }],
    ['an unknown username', { ...byPin, username: 'nobody' }],
  ])('A reset by PIN for %s has the same answers and audit events', async (_who, person) => {
    await restart('either');
    const facesOf = async (body: object): Promise<unknown> => {
      api.events.length = 0;
      const opened = await open(body);
      const held = { path: `/v1/password-resets/${opened.body.id}`, token: opened.body.token };
      const refused = await prove(held, '0000');
      api.nowMs.value += MINUTE_MS;
      const resent = await api.call('POST', `${held.path}/resend`, { token: held.token });
      const old = await api.call('POST', `${held.path}/username`, { token: held.token });
      return {
        answers: [opened, refused, resent, old].map(
          ({ status, body: { code, stage, triesLeft, ...more } }) => [
            status,
            code ?? stage,
            triesLeft,
            Object.keys(more),
          ],
        ),
        events: api.events.map(({ action, outcome }) => `${action}: ${outcome}`),
      };
    };

    expect(await facesOf(person)).toEqual(await facesOf(byPin));
  });

  it('A person has one open reset for each proof, and each takes only its own', async () => {
    await restart('either');
    const [answers, pins, joined] = [await hold(), await hold(byPin), await hold(byPin)];

    expect(joined.path).toBe(pins.path);
    expect(answers.path).not.toBe(pins.path);
    expect(await prove(answers, '1785')).toMatchObject({ status: 409, body: { code: 'wrong_proof' } });
    expect(await answer(pins)).toMatchObject({ status: 409, body: { code: 'wrong_proof' } });
    expect(await api.call('POST', `${pins.path}/username`, { token: pins.token })).toMatchObject({
      status: 409,
      body: { code: 'wrong_proof' },
    });
  });

  it.each([
    ['answers', undefined, 'answers'],
    ['answers', 'answers', 'answers'],
    ['answers', 'pin', 422],
    ['pin', undefined, 'pin'],
    ['pin', 'pin', 'pin'],
    ['pin', 'answers', 422],
    ['either', undefined, 'answers'],
    ['either', 'answers', 'answers'],
    ['either', 'pin', 'pin'],
  ] as const)(
    'Where recovery is %s, a reset that asks for the proof %s is answered %s',
    async (recovery, proof, expected) => {
      await restart(recovery);
      const opened = await open({ ...seamus, proof });

      if (expected === 422) {
        expect(entries(opened)).toEqual(['/proof not_one_of']);
        expect(api.resets.calls).toEqual([]);
      } else expect(opened).toMatchObject({ status: 202, body: { stage: expected } });
    },
  );
});

describe('Proof of the other portal', () => {
  it.each([
    ['pin', { pin: '1785' }],
    ['resend', undefined],
    ['username', undefined],
  ])('The call %s is refused for a broker’s reset and uses up no try', async (call, body) => {
    const { path, token } = await hold();

    expect(await api.call('POST', `${path}/${call}`, { token, body })).toMatchObject({
      status: 409,
      body: { code: 'wrong_proof' },
    });
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { triesLeft: 3 } });
  });

  it('The call answers is refused for a member’s reset and uses up no try', async () => {
    const held = await api.open();

    expect(await answer(held)).toMatchObject({ status: 409, body: { code: 'wrong_proof' } });
    expect(await api.call('GET', held.path, { token: held.token })).toMatchObject({ body: { triesLeft: 3 } });
  });
});

describe('Choosing the password', () => {
  const good = { password: 'Rainy_day8', confirmation: 'Rainy_day8' };
  const choose = ({ path, token }: Held, body: object = good): Promise<Called> =>
    api.call('POST', `${path}/password`, { token, body });

  it('Choosing a password completes a broker’s reset and shows the username', async () => {
    const held = await hold();
    await answer(held);

    const { status, body } = await choose(held);

    expect(status).toBe(200);
    expect(body).toMatchObject({ stage: 'completed', progressPercent: 100, username: 'seamus.odwyer' });
    expect(await api.call('GET', held.path, { token: held.token })).toMatchObject({
      body: { stage: 'completed', username: 'seamus.odwyer' },
    });
  });

  it('A broker’s reset shows the username only after completion, and only to the page that completed it', async () => {
    const held = await hold();
    const other = await hold();
    const before = await answer(held);
    await choose(held);

    expect(before.body).not.toHaveProperty('username');
    expect((await api.call('GET', other.path, { token: other.token })).body).not.toHaveProperty('username');
  });

  it('A broker’s password cannot be chosen before the questions are answered', async () => {
    expect(await choose(await hold())).toMatchObject({ status: 409, body: { code: 'proof_required' } });
  });

  it.each([
    ['Sunny_day7', 'used_before'],
    ['abc12', 'too_short'],
    ['abcd.12', 'character_not_accepted'],
    ['Seamus.Odwyer1', 'contains_username'],
  ])('The broker portal’s rules refuse the password %j: %s', async (password, code) => {
    const held = await hold();
    await answer(held);

    expect(entries(await choose(held, { password, confirmation: password }))).toContain(`/password ${code}`);
  });
});
