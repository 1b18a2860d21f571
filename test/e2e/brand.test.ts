/** The system with another insurer's folder: its words, digits, rules and colors, in each of its languages. */
import { join } from 'node:path';
import { projectRoot } from '../../lab/stack/project-root';
import {
  agentRows,
  mailAbout,
  newBroker,
  openReset,
  registration,
  signIn,
  verify,
} from '../../lab/system/brokers';
import { openDesk, today, type Desk } from '../../lab/system/plan-changes';
import type { Answer } from '../../lab/system/json-client';
import { secret } from '../../lab/system/secrets';
import type { Stack } from '../../lab/system/stack';
import { withStack } from './support/with-stack';

let stack: Stack;
let desk: Desk;

withStack(
  async (started) => {
    stack = started;
    desk = await openDesk(stack);
  },
  { env: { TENURE_BRAND: join(projectRoot, 'brand/example-mutual') } },
);

const WORDS = {
  en: {
    member: 'Example Mutual Member Site',
    pin: 'Example Mutual Member Site: your one-time PIN',
    digits: 'Enter this 6-digit PIN',
    tooShort: 'Use at least 12 characters.',
    question: 'What was the first concert you went to?',
    registered: 'Example Mutual Agent Site: an account was registered under your writing number',
    brokerPin: 'Example Mutual Agent Site: your one-time PIN',
    completed: 'Example Mutual Plan Desk: your plan change is complete',
    kept: 'Example Mutual Plan Desk: you remain agent of record',
    agentOfRecord: 'is still your agent of record',
  },
  es: {
    member: 'Sitio para miembros de Example Mutual',
    pin: 'Sitio para miembros de Example Mutual: su PIN de un solo uso',
    digits: 'Escriba este PIN de 6 dígitos',
    tooShort: 'Use al menos 12 caracteres.',
    question: '¿Cuál fue el primer concierto al que asistió?',
    registered: 'Sitio para agentes de Example Mutual: se registró una cuenta con su número de agente',
    brokerPin: 'Sitio para agentes de Example Mutual: su PIN de un solo uso',
    completed: 'Mesa de cambios de plan de Example Mutual: se completó su cambio de plan',
    kept: 'Mesa de cambios de plan de Example Mutual: usted sigue siendo agente de registro',
    agentOfRecord: 'sigue siendo su agente de registro',
  },
  fr: {
    member: 'Espace membres Example Mutual',
    pin: 'Espace membres Example Mutual : votre NIP temporaire',
    digits: 'Entrez ce NIP de 6 chiffres',
    tooShort: 'Utilisez au moins 12 caractères.',
    question: 'Quel a été le premier concert auquel vous avez assisté?',
    registered: 'Espace agents Example Mutual : un compte a été créé avec votre numéro d’agent',
    brokerPin: 'Espace agents Example Mutual : votre NIP temporaire',
    completed: 'Service des changements de régime d’Example Mutual : votre changement de régime est terminé',
    kept: 'Service des changements de régime d’Example Mutual : vous demeurez l’agent attitré',
    agentOfRecord: 'demeure votre agent attitré',
  },
} as const;

const details = ({ body }: Answer): string[] =>
  body.errors.map(({ detail }: { readonly detail: string }) => detail);

describe.each(['en', 'es', 'fr'] as const)('an insurer’s own portal in %s', (language) => {
  const words = WORDS[language];
  const headers = { 'accept-language': `${language}-US, pl;q=0.5` };

  it(`A member resets a password with a PIN of six digits, in ${language}`, async () => {
    const person = await stack.addPerson(`membrina${language}`, { language });
    const page = await stack.openReset(person.email);
    const step = (name: string, body: object): Promise<Answer> =>
      stack.call('POST', `/v1/password-resets/${page.id}/${name}`, { token: page.token, headers, body });
    const choose = (password: string): Promise<Answer> =>
      step('password', { password, confirmation: password });
    const chosen = secret(`onlyletters${language}andlong`);

    const facts = await stack.call('GET', '/v1/portals/member', { headers });
    const pin = await stack.mailbox.pinTo(person.email);
    const mail = await stack.mailbox.mailTo(person.email);
    const tooFewDigits = await step('pin', { pin: '1234' });
    const proved = await step('pin', { pin });
    const tooShort = await choose(secret(`Sh0rt${language}word`));
    const completed = await choose(chosen);

    expect(facts.body).toMatchObject({
      name: words.member,
      languages: ['en', 'es', 'fr'],
      pin: { digits: 6 },
      password: { minLength: 12, maxLength: 64, minDigits: 0, minLetters: 0, lifetimeDays: null },
    });
    expect(pin).toMatch(/^\d{6}$/);
    expect(mail).toMatchObject({ subject: words.pin, language });
    expect(mail.text).toContain(words.digits);
    expect(mail.text).toContain('1-800-555-0142');
    expect(mail.html).toContain('#00695c');
    expect(tooFewDigits).toMatchObject({ status: 422, body: { code: 'invalid_fields' } });
    expect(proved).toMatchObject({ status: 200, body: { stage: 'password' } });
    expect(tooShort).toMatchObject({ status: 422, body: { code: 'password_refused' } });
    expect(details(tooShort)).toEqual([words.tooShort]);
    expect(completed).toMatchObject({ status: 200, body: { stage: 'completed' } });
    expect((await stack.signIn(person.username, chosen)).status).toBe(201);
  });

  it(`A broker registers, stays agent of record of a customer who changes plans, and recovers by a PIN, in ${language}`, async () => {
    // Agent numbers of plan changes are in their histories.
    const agentNumber = { en: '55101', es: '55102', fr: '55103' }[language];
    const person = newBroker(`brokeronia${language}`);
    const broker = {
      ...person,
      agentNumber,
      accessCode: secret(`C${agentNumber}${person.ssnLast6}A`),
      answers: [
        { questionId: 'first-pet', answer: `Rex of ${language}` },
        { questionId: 'first-concert', answer: `The ${language} Philharmonic` },
      ],
    };
    const line = { agentNumber, state: '', planYear: '', from: '2024-01-01', to: '' };
    await desk.imported('agents', agentRows([broker]));
    await desk.imported('agent-standing', [
      { ...line, type: 'licence', state: 'TX' },
      { ...line, type: 'appointment' },
      ...[0, 1].map((years) => ({
        ...line,
        type: 'certification',
        planYear: String(Number(today().slice(0, 4)) + years),
      })),
    ]);
    const facts = await stack.call('GET', '/v1/portals/broker', { headers });
    const verified = await verify(stack, broker);
    const register = (password: string): Promise<Answer> =>
      stack.call('POST', '/v1/portals/broker/registrations', {
        headers,
        body: registration(verified.body.token, { ...broker, password }),
      });

    const tooShort = await register(secret(`Sh0rt,${language}`));
    const registered = await register(broker.password);
    const customer = await desk.addCustomer(
      `customella${language}`,
      { ...broker, name: `${broker.firstName} ${broker.lastName}` },
      language,
    );
    const { body: change } = await desk.take(customer, 'plan-change-line');
    await desk.post(desk.noor, `/${change.id}/claim`);
    const completed = await desk.complete(desk.noor, change.id);

    expect(facts.body.securityQuestions).toContainEqual({ id: 'first-concert', text: words.question });
    expect(details(tooShort)).toEqual([words.tooShort]);
    expect(registered.status).toBe(201);
    expect((await signIn(stack, broker)).status).toBe(201);
    expect(completed.status).toBe(200);
    const about = (to: string, subject: string) =>
      mailAbout(stack, to, new RegExp(`^${subject.replaceAll('.', '[.]')}$`));
    expect((await about(broker.email, words.registered)).text).toContain('1-800-555-0187');
    expect(await about(broker.email, words.kept)).toMatchObject({ language });
    const told = await about(customer.email, words.completed);
    expect(told.text).toContain(words.agentOfRecord);
    expect(told.text).toContain('1-800-555-0123');

    const stranger = await openReset(stack, { ...broker, lastName: secret('Nosuchname'), proof: 'pin' });
    const page = await openReset(stack, { ...broker, proof: 'pin' });
    const proved = await page.submitPin(await stack.mailbox.pinTo(broker.email));
    const chosen = secret(`onlyletters${language}andlonger`);
    const reset = await page.choose(chosen);

    expect(facts.body).toMatchObject({ recovery: 'either', pin: { digits: 6 } });
    expect(Object.keys(stranger.opening.body)).toEqual(Object.keys(page.opening.body));
    expect(Object.keys(page.opening.body)).not.toContain('sentTo');
    expect(proved).toMatchObject({ status: 200, body: { stage: 'password' } });
    expect(reset).toMatchObject({ status: 200, body: { stage: 'completed', username: broker.username } });
    expect(await about(broker.email, words.brokerPin)).toMatchObject({ language });
    expect((await signIn(stack, { ...broker, password: chosen })).status).toBe(201);
  });
});
