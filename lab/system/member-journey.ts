/** What members do on their pages, from nothing to signed in, through every state that a page has. */
import { randomUUID } from 'node:crypto';
import { wrongPin, type Mailbox } from './mailbox';
import { newPassword, type Person } from './members';
import { resend, SUBMIT, type Look, type PageVisitor } from './page-visitor';
import { secret } from './secrets';

interface Journey {
  readonly visitor: PageVisitor;
  readonly person: Person;
  readonly mailbox: Mailbox;
  readonly look: Look;
}

/** All of it; every page of members is looked at. */
export async function memberJourney(journey: Journey): Promise<void> {
  const { visitor, look } = journey;
  for (const [path, state] of [
    ['/', 'start'],
    ['/member/help', 'help'],
    ['/member/nothing', 'not found'],
  ] as const) {
    await visitor.open(path);
    await look(state);
  }
  const chosen = await forgottenPassword(journey);
  await account(journey, chosen);
  await forgottenUserId(journey);
  await exhaustedReset(journey);
}

/** From the sign-in page, with every mistake on the way, to a new password. */
async function forgottenPassword({ visitor, person, mailbox, look }: Journey): Promise<string> {
  const { open, fill, use } = visitor;
  await open('/member/sign-in');
  await look('sign-in');
  await use(SUBMIT);
  await look('sign-in, nothing typed');
  await fill('username', person.username);
  await fill('password', newPassword());
  await use(SUBMIT);
  await look('sign-in, wrong password');
  await use('a[href="/member/forgot?for=password"]');
  await look('forgot');
  await fill('email', 'nobody');
  await use(SUBMIT);
  await look('forgot, no address');
  await fill('email', person.email);
  await use(SUBMIT);
  await look('forgot-pin');
  const first = await mailbox.pinTo(person.email);
  await use(SUBMIT);
  await look('forgot-pin, nothing typed');
  await fill('pin', wrongPin(first));
  await use(SUBMIT);
  await look('forgot-pin, wrong');
  await resend(visitor);
  await look('forgot-pin, sent again');
  const second = await mailbox.pinTo(person.email, 2);
  await open('/member/forgot');
  await look('forgot, open');
  await use('a[href="/member/forgot/pin"]');
  await fill('pin', second);
  await use(SUBMIT);
  await look('forgot-choose');
  await fill('password', 'a b');
  await fill('confirmation', 'other');
  await use(SUBMIT);
  await look('forgot-choose, refused');
  const chosen = newPassword();
  await fill('password', chosen);
  await fill('confirmation', chosen);
  await use(SUBMIT);
  await look('forgot-done');
  await use('main a[href="/member/sign-in"]');
  return chosen;
}

/** Signs in, changes the password, and signs out. */
async function account(journey: Journey, password: string): Promise<void> {
  const { visitor, person, look } = journey;
  const { open, fill, use } = visitor;
  const signIn = async (typed: string): Promise<void> => {
    await fill('username', person.username);
    await fill('password', typed);
    await use(SUBMIT);
  };
  const change = async (currentPassword: string, chosen: string): Promise<void> => {
    await fill('currentPassword', currentPassword);
    await fill('password', chosen);
    await fill('confirmation', chosen);
    await use(SUBMIT);
  };
  await signIn(password);
  await look('account');
  await twoStep(journey, signIn, password);
  await use('a[href="/member/account/password"]');
  await look('account-password');
  await change(newPassword(), 'a b');
  await look('account-password, refused');
  const second = newPassword();
  await change(password, second);
  await look('sign-in, changed');
  await signIn(second);
  await use('button[value=sign-out]');
  await look('sign-in, signed out');
  await open('/member/password-expired');
  await look('password-expired');
  await use(SUBMIT);
  await look('password-expired, nothing typed');
  await fill('username', person.username);
  await change(second, newPassword());
  await look('sign-in, changed after it expired');
}

/** Turns it on, signs in with a code, and turns it off. Codes are the third and fourth of the emails with digits. */
async function twoStep(
  { visitor, person, mailbox, look }: Journey,
  signIn: (password: string) => Promise<void>,
  password: string,
): Promise<void> {
  const { fill, use } = visitor;
  const page = 'a[href="/member/account/two-step"]';
  await use(page);
  await look('two-step');
  await use('button[value=send]');
  await look('two-step, code');
  await fill('code', wrongPin(await mailbox.pinTo(person.email, 3)));
  await use(SUBMIT);
  await look('two-step, wrong code');
  await fill('code', await mailbox.pinTo(person.email, 3));
  await use(SUBMIT);
  await look('account, two-step on');
  await use('button[value=sign-out]');
  await signIn(password);
  await look('sign-in-code');
  await fill('code', wrongPin(await mailbox.pinTo(person.email, 4)));
  await use(SUBMIT);
  await look('sign-in-code, wrong');
  await fill('code', await mailbox.pinTo(person.email, 4));
  await use(SUBMIT);
  await use(page);
  await look('two-step off');
  await use(SUBMIT);
  await look('two-step off, nothing typed');
  await fill('password', password);
  await use(SUBMIT);
}

async function forgottenUserId({ visitor, person, mailbox, look }: Journey): Promise<void> {
  const { open, fill, use } = visitor;
  await open('/member/forgot?for=user-id');
  await look('forgot user ID');
  await fill('email', person.email);
  await use(SUBMIT);
  await fill('pin', await mailbox.pinTo(person.email, 5));
  await use(SUBMIT);
  await look('forgot-choose, user ID');
  await use('button[value=show-user-id]');
  await look('forgot-user-id');
}

/** Of somebody whom nobody knows: the pages are the same. */
async function exhaustedReset({ visitor, look }: Journey): Promise<void> {
  const { page, open, fill, use } = visitor;
  await open('/member/forgot');
  await fill('email', secret(`${randomUUID()}@example.com`));
  await use(SUBMIT);
  while (page.url().endsWith('/member/forgot/pin')) {
    await fill('pin', '0000');
    await use(SUBMIT);
  }
  await look('forgot-ended');
}
