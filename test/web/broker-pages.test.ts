import { randomUUID } from 'node:crypto';
import type { PasswordReset } from '../../src/web/tenure';
import { factsOf, problem, type ApiCall, type FakeAnswer } from './fake-api';
import { hiddenIn, secondsLater, startPages, type Browser, type Pages } from './pages';

let pages: Pages;
beforeAll(async () => (pages = await startPages()));
afterAll(() => pages.stop());

const REGISTRATIONS = '/v1/portals/broker/registrations';
const RESETS = '/v1/portals/broker/password-resets';

/** What the API answers to each call, by method and path; a reset by its token. */
let answers: Record<string, FakeAnswer>;
let resets: Record<string, PasswordReset>;
afterEach(() => jest.restoreAllMocks());
beforeEach(() => {
  pages.api.reset();
  answers = {
    [`POST ${REGISTRATIONS}/verifications`]: verified('one'),
    [`POST ${REGISTRATIONS}/checks`]: { status: 204 },
    [`POST ${REGISTRATIONS}`]: { status: 201, body: {} },
    'GET /v1/portals/broker/terms': {
      status: 200,
      body: { version: '2027-01', date: '2027-01-01', text: '# Terms of use\n\nBe kind.' },
    },
  };
  resets = {};
  pages.api.instead = ({ method, path, headers }: ApiCall) => {
    const reset = resets[headers.authorization?.replace('Bearer ', '') ?? ''];
    return answers[`${method} ${path}`] ?? (reset && { status: 200, body: reset });
  };
});

const verified = (token: string): FakeAnswer => ({
  status: 200,
  body: { token, kind: 'agent', expiresAt: new Date(Date.now() + 1_800_000).toISOString() },
});

const typed = {
  username: 'seamus.odwyer',
  password: 'Sunny_day7',
  confirmation: 'Sunny_day7',
  email: 'seamus@example.com',
  phone: '(212) 555-0123',
  question1: 'first-pet',
  answer1: 'Rex',
  question2: 'first-car',
  answer2: 'Blue Dart',
};

const sent = (path: string): unknown[] =>
  pages.api.calls.filter((call) => call.method === 'POST' && call.path === path).map(({ body }) => body);

const verify = (browser: Browser) =>
  browser.fill('/broker/register', { lastName: 'O’Dwyer', accessCode: 'CAB123445566A' });

/** Up to the terms. */
async function toTerms(browser: Browser): Promise<void> {
  await verify(browser);
  await browser.fill('/broker/register/details', typed);
}

describe('registering', () => {
  it('What was typed goes to the API when the terms are accepted, in the version that was shown', async () => {
    const browser = pages.browser();

    expect((await verify(browser)).goesTo).toBe('/broker/register/details');
    expect((await browser.fill('/broker/register/details', typed)).goesTo).toBe('/broker/register/terms');
    const terms = await browser.get('/broker/register/terms');
    const done = await browser.fill('/broker/register/terms', { terms: 'accepted' });

    expect(terms.html).toContain('<h2 class="govuk-heading-m">Terms of use</h2>');
    expect(done.goesTo).toBe('/broker/register/done');
    expect(sent(REGISTRATIONS)).toEqual([
      {
        token: 'one',
        username: 'seamus.odwyer',
        password: 'Sunny_day7',
        confirmation: 'Sunny_day7',
        email: 'seamus@example.com',
        phone: '(212) 555-0123',
        securityAnswers: [
          { questionId: 'first-pet', answer: 'Rex' },
          { questionId: 'first-car', answer: 'Blue Dart' },
        ],
        termsVersion: '2027-01',
      },
    ]);
    expect((await browser.get('/broker/sign-in')).html).toContain('value="seamus.odwyer"');
  });

  it('Terms that are not accepted are no version', async () => {
    const browser = pages.browser();
    await toTerms(browser);

    await browser.fill('/broker/register/terms', {});

    expect(sent(REGISTRATIONS)).toMatchObject([{ termsVersion: '' }]);
  });

  it('Nothing of it can be read in the browser, and what is kept is shown again but for the password', async () => {
    const browser = pages.browser();
    await toTerms(browser);

    const { html } = await browser.get('/broker/register/details');

    expect([...browser.cookies.values()].join()).not.toMatch(/Sunny|Rex|seamus/);
    for (const kept of ['seamus.odwyer', 'seamus@example.com', 'Rex'])
      expect(html).toContain(`value="${kept}"`);
    expect(html).not.toContain('Sunny_day7');
  });

  it.each([
    ['the longest answers', { answer1: 'x'.repeat(200), answer2: '“'.repeat(200) }, 303],
    ['the longest of everything', { ...longest(1024), email: `${'é'.repeat(64)}@${'é'.repeat(189)}` }, 422],
  ])('A cookie is never larger than browsers keep: %s', async (_what, more, status) => {
    const browser = pages.browser();
    await verify(browser);

    const answer = await browser.fill('/broker/register/details', { ...typed, ...more });

    expect(answer.status).toBe(status);
    for (const cookie of answer.headers.getSetCookie()) expect(cookie.length).toBeLessThan(3700);
  });

  function longest(passwordLength: number): object {
    const password = 'x'.repeat(passwordLength);
    return { password, confirmation: password, answer1: '“'.repeat(200), answer2: '“'.repeat(200) };
  }

  it.each(['details', 'terms'])(
    'A form of %s is not taken for somebody else’s registration',
    async (step) => {
      const browser = pages.browser();
      await toTerms(browser);
      const form = hiddenIn((await browser.get(`/broker/register/${step}`)).html);
      answers[`POST ${REGISTRATIONS}/verifications`] = verified('another');
      await toTerms(browser);
      pages.api.calls.length = 0;

      const answer = await browser.post(`/broker/register/${step}`, { ...form, ...typed, terms: 'accepted' });

      expect(answer.goesTo).toBe('/broker/register/details');
      expect(pages.api.calls.filter(({ method }) => method === 'POST')).toEqual([]);
    },
  );

  it.each([
    ['verification_expired', 410, '/broker/register?ended=yes'],
    ['unauthorized', 401, '/broker/register?ended=yes'],
    ['already_registered', 409, '/broker/sign-in?registered=yes'],
  ])('%s ends it on every page', async (code, status, elsewhere) => {
    for (const [call, page] of [
      [`POST ${REGISTRATIONS}/checks`, '/broker/register/details'],
      [`POST ${REGISTRATIONS}`, '/broker/register/terms'],
    ] as const) {
      const browser = pages.browser();
      await toTerms(browser);
      const before = answers[call]!;
      answers[call] = problem(status, code);

      const answer = await browser.fill(page, { ...typed, terms: 'accepted' });

      answers[call] = before;
      expect(answer.goesTo).toBe(elsewhere);
      expect((await browser.get(page)).goesTo).toBe('/broker/register');
    }
  });

  it.each([
    ['username_taken', problem(409, 'username_taken')],
    ['password_refused', problem(422, 'password_refused')],
    [
      'invalid_fields',
      problem(422, 'invalid_fields', { errors: [{ pointer: '/phone', code: 'x', detail: '' }] }),
    ],
  ])('Details that are refused after the check are asked for again: %s', async (_code, refusal) => {
    const browser = pages.browser();
    await toTerms(browser);
    answers[`POST ${REGISTRATIONS}`] = refusal;

    const answer = await browser.fill('/broker/register/terms', { terms: 'accepted' });

    expect(answer.goesTo).toBe('/broker/register/details?again=yes');
    expect((await browser.get(answer.goesTo!)).html).toContain('value="seamus.odwyer"');
  });

  it('Going back after the end, and a second tab, lead to the end', async () => {
    const browser = pages.browser();
    await toTerms(browser);
    const secondTab = hiddenIn((await browser.get('/broker/register/terms')).html);
    await browser.fill('/broker/register/terms', { terms: 'accepted' });

    const ends = [
      await browser.get('/broker/register/details'),
      await browser.get('/broker/register/terms'),
      await browser.post('/broker/register/terms', { ...secondTab, terms: 'accepted' }),
    ];

    expect(ends.map(({ goesTo }) => goesTo)).toEqual(Array(3).fill('/broker/register/done'));
    expect((await browser.get('/broker/register/done')).html).toContain('seamus.odwyer');
    expect(sent(REGISTRATIONS)).toHaveLength(1);
  });

  it.each(['details', 'terms', 'done'])('Without an access code, %s is no place to begin', async (step) => {
    expect((await pages.browser().get(`/broker/register/${step}`)).goesTo).toBe('/broker/register');
  });
});

describe('a forgotten password', () => {
  const opened = (token: string, stage: PasswordReset['stage']): PasswordReset =>
    (resets[token] = {
      id: resets[token]?.id ?? randomUUID(),
      portal: 'broker',
      stage,
      progressPercent: 33,
      expiresAt: new Date(Date.now() + 1_800_000).toISOString(),
      ...(stage === 'answers' && {
        questions: [
          { id: 'first-pet', text: 'The first pet?' },
          { id: 'first-car', text: 'The <b>first</b> car?' },
        ],
      }),
    });

  async function begin(browser: Browser, token: string, stage: PasswordReset['stage']) {
    const reset = opened(token, stage);
    answers[`POST ${RESETS}`] = { status: 202, body: { ...reset, token } };
    const person = { username: 'seamus', firstName: 'Séamus', lastName: 'O’Dwyer' };
    return { reset, answer: await browser.fill('/broker/forgot-password', person) };
  }

  it('The questions are asked as the API has them, and answered by their ids', async () => {
    const browser = pages.browser();
    const { answer, reset } = await begin(browser, 'one', 'answers');

    const { html } = await browser.get(answer.goesTo!);
    await browser.fill(answer.goesTo!, { answer1: 'Rex', answer2: 'Dart' });

    expect(answer.goesTo).toBe('/broker/forgot-password/questions');
    expect(html).toContain('The &lt;b&gt;first&lt;/b&gt; car?');
    expect(sent(`/v1/password-resets/${reset.id}/answers`)).toEqual([
      {
        answers: [
          { questionId: 'first-pet', answer: 'Rex' },
          { questionId: 'first-car', answer: 'Dart' },
        ],
      },
    ]);
  });

  it('Answers are no guess at another reset that a second tab has opened', async () => {
    const browser = pages.browser();
    const { answer } = await begin(browser, 'one', 'answers');
    const form = hiddenIn((await browser.get(answer.goesTo!)).html);
    await begin(browser, 'two', 'answers');
    pages.api.calls.length = 0;

    const late = await browser.post(answer.goesTo!, { ...form, answer1: 'Rex', answer2: 'Dart' });

    expect(late.goesTo).toBe('/broker/forgot-password/questions');
    expect(pages.api.callsOf('/answers')).toEqual([]);
  });

  it.each([
    ['pin', '/broker/forgot-password/pin'],
    ['password', '/broker/forgot-password/new'],
    ['completed', '/broker/sign-in?changed=yes'],
    ['expired', '/broker/forgot-password/ended'],
    ['exhausted', '/broker/forgot-password/ended'],
    ['cancelled', '/broker/forgot-password/ended'],
  ] as const)(
    'Whoever comes back to the questions of a reset that is at %s goes on there',
    async (stage, page) => {
      const browser = pages.browser();
      await begin(browser, 'one', 'answers');
      opened('one', stage);
      secondsLater();

      expect((await browser.get('/broker/forgot-password/questions')).goesTo).toBe(page);
    },
  );

  it('The username is filled in after the password was chosen', async () => {
    const browser = pages.browser();
    await begin(browser, 'one', 'answers');
    const reset = opened('one', 'password');
    const path = `POST /v1/password-resets/${reset.id}/password`;
    answers[path] = { status: 200, body: { ...reset, stage: 'completed', username: 'Seamus' } };

    const answer = await browser.fill('/broker/forgot-password/new', { password: 'x', confirmation: 'x' });

    expect(answer.goesTo).toBe('/broker/sign-in?changed=yes');
    expect((await browser.get(answer.goesTo!)).html).toContain('value="Seamus"');
  });

  it.each([
    ['answers', 'pin', {}],
    ['pin', 'pin', {}],
    ['either', 'pin', { proof: 'pin' }],
    ['either', 'answers', {}],
  ] as const)('Where recovery is %s, choosing %s is sent as %j', async (recovery, proof, body) => {
    const own = await startPages();
    own.api.instead = ({ path }) => {
      if (path === '/v1/portals/broker') return { status: 200, body: { ...factsOf('broker'), recovery } };
      const reset = { ...opened('one', 'pin'), token: 'one' };
      return path === RESETS ? { status: 202, body: reset } : undefined;
    };

    const answer = await own.browser().fill('/broker/forgot-password', { username: 'seamus', proof });

    expect(answer.goesTo).toBe('/broker/forgot-password/pin');
    const [call] = own.api.callsOf(RESETS);
    expect(call?.body).toEqual({ username: 'seamus', firstName: '', lastName: '', ...body });
    own.stop();
  });
});

describe('a forgotten username', () => {
  it.each([
    ['an agent’s number', { agentNumber: 'AB 12', email: 'typed@before.example' }, { agentNumber: 'AB 12' }],
    [
      'the address of somebody who is none',
      { notAnAgent: 'yes', agentNumber: 'typed before', email: 'a@example.com' },
      { notAnAgent: true, email: 'a@example.com' },
    ],
  ])('By %s; it is filled in where one signs in', async (_what, fields, body) => {
    const browser = pages.browser();
    const path = '/v1/portals/broker/username-reminders';
    answers[`POST ${path}`] = { status: 200, body: { username: 'Found.Name' } };
    const names = { firstName: 'Séamus', lastName: 'O’Dwyer' };

    const answer = await browser.fill('/broker/forgot-username', { ...names, ...fields });

    expect(answer.goesTo).toBe('/broker/sign-in?found=yes');
    expect((await browser.get(answer.goesTo!)).html).toContain('value="Found.Name"');
    expect(sent(path)).toEqual([{ ...names, ...body }]);
  });
});

describe('signing in', () => {
  const SESSIONS = '/v1/portals/broker/sessions';

  it.each([
    ['', 'portal'],
    ['?application=portal', 'portal'],
    ['?application=express-app', 'express-app'],
    ['?application=//evil.example', 'portal'],
  ])('/broker/sign-in%s is for the %s, also after a refusal', async (query, application) => {
    const browser = pages.browser();
    answers[`POST ${SESSIONS}`] = problem(401, 'credentials_wrong');
    const { html } = await browser.get(`/broker/sign-in${query}`);
    const [, action = ''] = /<form method="post" action="([^"]+)"/.exec(html) ?? [];

    const refused = await browser.post(action, { username: 'seamus', password: 'wrong' });

    expect(action).toBe(`/broker/sign-in?application=${application}`);
    expect(refused.status).toBe(422);
    expect(refused.html).toContain(`action="${action}"`);
    expect(sent(SESSIONS)).toEqual([{ username: 'seamus', password: 'wrong', application }]);
  });

  it('An old browser is told what the Express App needs; a current one is not', async () => {
    const told = async (userAgent: string): Promise<boolean> =>
      (await pages.browser({ 'user-agent': userAgent }).get('/broker/sign-in')).html.includes(
        'The Express App needs a current browser',
      );

    expect(await told('Mozilla/5.0 (Windows NT 6.1; Trident/7.0; rv:11.0) like Gecko')).toBe(true);
    expect(await told('Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0')).toBe(false);
  });

  it('New terms are asked for before anything else, and accepted in the version that was shown', async () => {
    const browser = pages.browser();
    answers[`POST ${SESSIONS}`] = { status: 201, body: { token: 'session' } };
    const account = { id: randomUUID(), username: 'seamus', firstName: 'Séamus' };
    const session = {
      account,
      application: 'portal',
      expiresAt: new Date(Date.now() + 60_000).toISOString(),
    };
    answers['GET /v1/session'] = { status: 200, body: { ...session, termsToAccept: '2027-01' } };
    answers['POST /v1/session/terms'] = { status: 204 };

    const signedIn = await browser.fill('/broker/sign-in', { username: 'seamus', password: 'right' });
    const home = await browser.get(signedIn.goesTo!);
    const accepted = await browser.fill(home.goesTo!, { terms: 'accepted' });

    expect([signedIn.goesTo, home.goesTo, accepted.goesTo]).toEqual([
      '/broker/home',
      '/broker/terms',
      '/broker/home',
    ]);
    expect(sent('/v1/session/terms')).toEqual([{ version: '2027-01' }]);
  });

  it('A password that has expired leads to choosing another one, and to nothing else', async () => {
    const browser = pages.browser();
    answers[`POST ${SESSIONS}`] = problem(403, 'password_expired');

    const answer = await browser.fill('/broker/sign-in', { username: 'seamus', password: 'right' });

    expect(answer.goesTo).toBe('/broker/password-expired');
    expect((await browser.get(answer.goesTo!)).html).toContain('value="seamus"');
    expect((await browser.get('/broker/home')).goesTo).toBe('/broker/sign-in');
  });
});
