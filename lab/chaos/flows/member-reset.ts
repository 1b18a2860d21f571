/** A member's forgotten password or user ID, by emailed PIN. */
import { newPassword } from '../../system/members';
import { pinIn } from '../../system/mailbox';
import { unexpected, type Visitor } from '../visitor';
import type { World } from '../world';
import type { FlowKind } from './flow';
import { choose, guessWrong, look, open, pathOf, prove, showUsername, type OpenedReset } from './reset-steps';

const VARIANTS = [
  { name: 'plain', weight: 40 },
  { name: 'wrong-pin', weight: 18 },
  { name: 'reopened', weight: 14 },
  { name: 'user-id', weight: 14 },
  { name: 'given-up', weight: 5 },
  { name: 'new-pin', weight: 9 },
] as const;

export const memberReset: FlowKind = {
  name: 'member-reset',
  weight: 30,
  async prepare({ world, random, name, slow }) {
    const person = await world.stack.addPerson(name);
    const { accountId, username, password } = person;
    const chosen = newPassword();
    const variant = random.weighted(slow ? VARIANTS : VARIANTS.slice(0, -1)).name;
    const unchanged = { kind: 'password', portal: 'member', accountId, username } as const;

    return async (visitor) => {
      const body = { email: person.email };
      let reset = await open(visitor, 'member', body);
      if (variant === 'given-up') {
        await giveUp(visitor, reset);
        const left = reset.unsure ? [{ kind: 'left-reset', accountId } as const] : [];
        return { outcome: 'given-up', told: [...left, { ...unchanged, now: password, before: [] }] };
      }
      if (variant === 'reopened') reset = await open(visitor, 'member', body);
      if (variant === 'new-pin') await askForNewPin(visitor, reset);
      if (variant === 'wrong-pin') {
        const pin = await newestPin(visitor, world, person.email, reset);
        const wrong = `${(Number(pin) + 1) % 10_000}`.padStart(4, '0');
        await guessWrong(visitor, reset, '/pin', { pin: wrong });
      }
      await provePin(visitor, world, person.email, reset);

      const told = { kind: 'reset', resetId: reset.id, accountId } as const;
      if (variant === 'user-id') {
        const shown = await showUsername(visitor, reset);
        if (shown.username !== username) throw new Error('another user ID was shown');
        return {
          outcome: 'user-id-shown',
          told: [
            { ...told, stage: 'username-shown' },
            { ...unchanged, now: password, before: [] },
          ],
        };
      }
      await choose(visitor, reset, chosen);
      return {
        outcome: variant === 'plain' ? 'completed' : `completed, ${variant}`,
        told: [
          { ...told, stage: 'completed' },
          { ...unchanged, now: chosen, before: [password] },
        ],
      };
    };
  },
};

async function giveUp(visitor: Visitor, reset: OpenedReset): Promise<void> {
  const { answer } = await visitor.send('DELETE', pathOf(reset), { token: reset.token });
  if (answer.status !== 204) throw unexpected('giving up', answer);
}

/** A person who missed the answer is told that it is too soon for another PIN. */
async function askForNewPin(visitor: Visitor, reset: OpenedReset): Promise<void> {
  const { resendAvailableAt } = await look(visitor, reset);
  await visitor.wait(Math.max(0, Date.parse(resendAvailableAt) - Date.now()) + 100);
  const { answer, unsure } = await visitor.send('POST', pathOf(reset, '/resend'), { token: reset.token });
  if (answer.status !== 202 && !(unsure && answer.body?.code === 'resend_too_soon'))
    throw unexpected('asking for a new PIN', answer);
}

/** Uses the PIN of the newest email; if it is reported as superseded, waits for the next email. */
async function provePin(visitor: Visitor, world: World, email: string, reset: OpenedReset): Promise<void> {
  for (let tried = 0; ; tried++) {
    const pin = await newestPin(visitor, world, email, reset);
    const answer = await prove(visitor, reset, '/pin', { pin });
    if (answer.status === 200) return;
    if (answer.body?.code !== 'pin_superseded') throw unexpected('the right PIN', answer);
    await visitor.pause(tried, 'the newest PIN');
  }
}

function newestPin(visitor: Visitor, { mail }: World, email: string, reset: OpenedReset): Promise<string> {
  return visitor.untilThere('the email with the PIN', async () => {
    const mails = await mail.mailbox.mailsTo(email);
    const sequence = ({ messageId }: { messageId: string }): number =>
      Number(new RegExp(`^<pin\\.${reset.id}\\.(\\d+)@`).exec(messageId)?.[1] ?? 0);
    const newest = mails.toSorted((one, other) => sequence(other) - sequence(one))[0];
    return newest !== undefined && sequence(newest) > 0 ? pinIn(newest) : undefined;
  });
}
