/**
 * A broker's password is about to expire, the sweep finds it, and some brokers choose a new one. Reminders are sent
 * only at certain hours.
 */
import { ROTATION_SCHEDULE_ID } from '../../../src/contracts/rotation-sweep';
import { newBrokerPassword } from '../../system/brokers';
import { DUE_AGE_MS } from '../world';
import type { FlowKind } from './flow';
import { change } from './password-change';

/** A triggered sweep may be skipped because one is running. */
const SWEEP_AGAIN_MS = 5_000;

export const rotation: FlowKind = {
  name: 'rotation',
  weight: 10,
  async prepare({ world, random, name }) {
    const { accountId, username, password } = await world.enrolBroker(name);
    const { client, database } = world.stack;
    const changes = random.chance(0.65);
    const chosen = newBrokerPassword();

    return async (visitor) => {
      const credentialId = await visitor.untilThere('an old password', () =>
        world.makeOld(accountId, DUE_AGE_MS),
      );
      let askedAt = Number.NEGATIVE_INFINITY;
      await visitor.untilThere('the run of a rotation', async () => {
        const { rotationStartedAt } = await database.credential.findUniqueOrThrow({
          where: { id: credentialId },
        });
        if (rotationStartedAt !== null) return rotationStartedAt;
        if (performance.now() - askedAt < SWEEP_AGAIN_MS) return undefined;
        await client.schedule.getHandle(ROTATION_SCHEDULE_ID).trigger();
        askedAt = performance.now();
        return undefined;
      });
      if (changes) await change(visitor, 'broker', { username, password, chosen });
      const [now, before] = changes ? [chosen, [password]] : [password, []];
      return {
        outcome: changes ? 'rotated' : 'goes on',
        told: [
          { kind: 'rotation', accountId, credentialId, changed: changes },
          { kind: 'password', portal: 'broker', accountId, username, now, before },
        ],
      };
    };
  },
};
