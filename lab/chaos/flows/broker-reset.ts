/** A broker's forgotten password, by security answers. */
import { newBrokerPassword } from '../../system/brokers';
import { FlowStuck, unexpected } from '../visitor';
import type { FlowKind } from './flow';
import { choose, guessWrong, open, prove } from './reset-steps';

export const brokerReset: FlowKind = {
  name: 'broker-reset',
  weight: 14,
  async prepare({ world, random, name }) {
    const broker = await world.enrolBroker(name);
    const { accountId, username, firstName, lastName, answers, password } = broker;
    const chosen = newBrokerPassword();
    const wrongFirst = random.chance(0.3);

    return async (visitor) => {
      const reset = await open(visitor, 'broker', { username, firstName, lastName });
      if (wrongFirst) {
        const wrong = answers.map(({ questionId }) => ({ questionId, answer: 'something else' }));
        await guessWrong(visitor, reset, '/answers', { answers: wrong });
      }
      const proved = await prove(visitor, reset, '/answers', { answers });
      if (proved.status !== 200) throw unexpected('the right answers', proved);
      const done = await choose(visitor, reset, chosen);
      if (done.username !== username) throw new FlowStuck('another username was told');
      return {
        outcome: wrongFirst ? 'completed, wrong-answers' : 'completed',
        told: [
          { kind: 'reset', resetId: reset.id, accountId, stage: 'completed' },
          { kind: 'password', portal: 'broker', accountId, username, now: chosen, before: [password] },
        ],
      };
    };
  },
};
