/** A person who knows the password, expired or not, chooses a new one. */
import { newBrokerPassword } from '../../system/brokers';
import { newPassword } from '../../system/members';
import { unexpected, type Visitor } from '../visitor';
import { EXPIRED_AGE_MS } from '../world';
import type { FlowKind } from './flow';

const VARIANTS = [
  { name: 'member', weight: 5 },
  { name: 'broker', weight: 3 },
  { name: 'broker, expired', weight: 3 },
] as const;

export const passwordChange: FlowKind = {
  name: 'password-change',
  weight: 14,
  async prepare({ world, random, name }) {
    const variant = random.weighted(VARIANTS).name;
    const portal = variant === 'member' ? 'member' : 'broker';
    const person = portal === 'member' ? await world.stack.addPerson(name) : await world.enrolBroker(name);
    if (variant === 'broker, expired') await world.makeOld(person.accountId, EXPIRED_AGE_MS);
    const chosen = portal === 'member' ? newPassword() : newBrokerPassword();
    const { accountId, username, password } = person;

    return async (visitor) => {
      await change(visitor, portal, { username, password, chosen });
      return {
        outcome: `changed, ${variant}`,
        told: [{ kind: 'password', portal, accountId, username, now: chosen, before: [password] }],
      };
    };
  },
};

interface Change {
  readonly username: string;
  readonly password: string;
  readonly chosen: string;
}

/** A person who missed the answer finds out by signing in. */
export async function change(
  visitor: Visitor,
  portal: 'member' | 'broker',
  { username, password, chosen }: Change,
): Promise<void> {
  const { answer, unsure } = await visitor.send('POST', `/v1/portals/${portal}/password-changes`, {
    body: { username, currentPassword: password, password: chosen, confirmation: chosen },
  });
  if (answer.status === 204) return;
  if (!unsure || answer.body?.code !== 'credentials_wrong') throw unexpected('changing the password', answer);
  const { answer: admitted } = await visitor.send('POST', `/v1/portals/${portal}/sessions`, {
    body: { username, password: chosen },
  });
  if (admitted.status !== 201) throw unexpected('signing in after a change', admitted);
  visitor.doneAfterAll('password change');
}
