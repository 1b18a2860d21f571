/** What brokers do on their pages, from an access code to signed in, through every state that a page has. */
import { randomUUID } from 'node:crypto';
import { newBrokerPassword, type Broker } from './brokers';
import { wrongPin, type Mailbox } from './mailbox';
import { resend, SUBMIT, type Look, type PageVisitor } from './page-visitor';
import { secret } from './secrets';

interface Journey {
  readonly visitor: PageVisitor;
  /** On the roster, and not registered. */
  readonly broker: Broker;
  readonly mailbox: Mailbox;
  readonly look: Look;
  /** New terms have come since the broker registered. */
  readonly bringNewTerms: () => Promise<unknown>;
}

/** All of it; every page of brokers is looked at. */
export async function brokerJourney(journey: Journey): Promise<void> {
  const { visitor, look } = journey;
  await visitor.open('/broker/help');
  await look('help');
  await registration(journey);
  const chosen = await home(journey);
  await forgottenPassword(journey, chosen);
  await forgottenPasswordByPin(journey);
  await forgottenUsername(journey);
  await exhaustedReset(journey);
}

async function registration({ visitor, broker, look }: Journey): Promise<void> {
  const { open, fill, use } = visitor;
  await open('/broker/sign-in');
  await look('sign-in');
  await use('a[href="/broker/register"]');
  await look('register');
  await use(SUBMIT);
  await look('register, nothing typed');
  await fill('lastName', broker.lastName);
  await fill('accessCode', secret(`C${randomUUID().slice(0, 8)}123456A`));
  await use(SUBMIT);
  await look('register, wrong code');
  await fill('accessCode', broker.accessCode);
  await use(SUBMIT);
  await look('register-details');
  await use(SUBMIT);
  await look('register-details, nothing typed');
  await fill('username', broker.username);
  await fill('password', broker.password);
  await fill('confirmation', broker.password);
  await fill('email', broker.email);
  await fill('phone', broker.phone);
  for (const [index, { questionId, answer }] of broker.answers.entries()) {
    await visitor.choose(`question${index + 1}`, questionId);
    await fill(`answer${index + 1}`, answer);
  }
  await use(SUBMIT);
  await look('register-terms');
  await use(SUBMIT);
  await look('register-terms, not accepted');
  await visitor.tick('terms');
  await use(SUBMIT);
  await look('register-done');
  await open('/broker/register');
  await fill('lastName', broker.lastName);
  await fill('accessCode', broker.accessCode);
  await use(SUBMIT);
  await look('sign-in, already registered');
}

/** Signs in to both applications, accepts new terms, changes the password, and signs out. */
async function home({ visitor, broker, look, bringNewTerms }: Journey): Promise<string> {
  const { open, fill, use } = visitor;
  const signIn = async (password: string): Promise<void> => {
    await fill('username', broker.username);
    await fill('password', password);
    await use(SUBMIT);
  };
  await use('a[href="/broker/sign-in?application=express-app"]');
  await look('sign-in, Express App');
  await use(SUBMIT);
  await look('sign-in, nothing typed');
  await bringNewTerms();
  await signIn(broker.password);
  await look('terms');
  await use(SUBMIT);
  await look('terms, not accepted');
  await visitor.tick('terms');
  await use(SUBMIT);
  await look('home');
  await use('a[href="/broker/home/password"]');
  await look('home-password');
  await use(SUBMIT);
  await look('home-password, nothing typed');
  const chosen = newBrokerPassword();
  await fill('currentPassword', broker.password);
  await fill('password', chosen);
  await fill('confirmation', chosen);
  await use(SUBMIT);
  await look('sign-in, changed');
  await signIn(chosen);
  await use('button[value=sign-out]');
  await look('sign-in, signed out');
  await open('/broker/password-expired');
  await look('password-expired');
  await use(SUBMIT);
  await look('password-expired, nothing typed');
  return chosen;
}

async function forgottenPassword({ visitor, broker, look }: Journey, last: string): Promise<void> {
  const { open, fill, use } = visitor;
  await open('/broker/forgot-password');
  await look('forgot-password');
  await use(SUBMIT);
  await look('forgot-password, nothing typed');
  await fill('username', broker.username);
  await fill('firstName', broker.firstName);
  await fill('lastName', broker.lastName);
  await use(SUBMIT);
  await look('questions');
  await fill('answer1', secret('Wrongdoggo the Second'));
  await fill('answer2', secret('Wrongdoggo the Third'));
  await use(SUBMIT);
  await look('questions, wrong');
  const [first, second] = broker.answers;
  await fill('answer1', first?.answer ?? '');
  await fill('answer2', second?.answer ?? '');
  await use(SUBMIT);
  await look('new password');
  await fill('password', last);
  await fill('confirmation', 'other');
  await use(SUBMIT);
  await look('new password, refused');
  const chosen = newBrokerPassword();
  await fill('password', chosen);
  await fill('confirmation', chosen);
  await use(SUBMIT);
  await look('sign-in, after the reset');
}

async function forgottenPasswordByPin({ visitor, broker, mailbox, look }: Journey): Promise<void> {
  const { open, choose, fill, use } = visitor;
  await open('/broker/forgot-password');
  await fill('username', broker.username);
  await fill('firstName', broker.firstName);
  await fill('lastName', broker.lastName);
  await choose('proof', 'pin');
  await use(SUBMIT);
  await look('forgot-password-pin');
  await fill('pin', wrongPin(await mailbox.pinTo(broker.email)));
  await use(SUBMIT);
  await look('forgot-password-pin, wrong');
  await resend(visitor);
  await look('forgot-password-pin, sent again');
  await fill('pin', await mailbox.pinTo(broker.email, 2));
  await use(SUBMIT);
  const chosen = newBrokerPassword();
  await fill('password', chosen);
  await fill('confirmation', chosen);
  await use(SUBMIT);
  await look('sign-in, after the reset by PIN');
}

async function forgottenUsername({ visitor, broker, look }: Journey): Promise<void> {
  const { open, fill, use } = visitor;
  await open('/broker/forgot-username');
  await look('forgot-username');
  await use(SUBMIT);
  await look('forgot-username, nothing typed');
  await fill('firstName', broker.firstName);
  await fill('lastName', broker.lastName);
  await fill('agentNumber', broker.agentNumber);
  await use(SUBMIT);
  await look('sign-in, username found');
}

/** Of somebody whom nobody knows: the pages are the same. */
async function exhaustedReset({ visitor, look }: Journey): Promise<void> {
  const { page, open, fill, use } = visitor;
  await open('/broker/forgot-password');
  await fill('username', secret(`nobody.${randomUUID().slice(0, 8)}`));
  await fill('firstName', 'No');
  await fill('lastName', 'Body');
  await use(SUBMIT);
  while (page.url().endsWith('/questions')) {
    await fill('answer1', 'a');
    await fill('answer2', 'b');
    await use(SUBMIT);
  }
  await look('forgot-password-ended');
}
