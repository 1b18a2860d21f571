/** An agent registers: the access code, then the account. */
import { foldAgentNumber } from '../../../src/domain/accounts/names';
import { unexpected, type Visitor } from '../visitor';
import { registration, type Broker } from '../../system/brokers';
import type { FlowKind } from './flow';

const BROKER = '/v1/portals/broker';

export const brokerRegistration: FlowKind = {
  name: 'broker-registration',
  weight: 16,
  async prepare({ world, name }) {
    const broker = await world.importBroker(name);
    const { username, password, lastName, accessCode } = broker;
    const agentKey = foldAgentNumber(broker.agentNumber);

    return async (visitor) => {
      const { answer: verified } = await visitor.send('POST', `${BROKER}/registrations/verifications`, {
        body: { lastName, accessCode },
      });
      if (verified.status !== 200) throw unexpected('the access code', verified);
      const accountId = await register(visitor, broker, verified.body.token);
      const account = { kind: 'registration', agentKey, accountId } as const;
      if (accountId === undefined) return { outcome: 'registered, found by signing in', told: [account] };
      return {
        outcome: 'registered',
        told: [
          account,
          { kind: 'password', portal: 'broker', accountId, username, now: password, before: [] },
        ],
      };
    };
  },
};

/** The account's id; undefined if the answer was lost, but signing in works. */
async function register(visitor: Visitor, broker: Broker, token: string): Promise<string | undefined> {
  const { username, password } = broker;
  const { answer, unsure } = await visitor.send('POST', `${BROKER}/registrations`, {
    body: registration(token, broker),
  });
  if (answer.status === 201) return answer.body.account.id;
  if (!unsure || answer.body?.code !== 'already_registered') throw unexpected('registering', answer);
  const { answer: admitted } = await visitor.send('POST', `${BROKER}/sessions`, {
    body: { username, password },
  });
  if (admitted.status !== 201) throw unexpected('signing in after registering', admitted);
  visitor.doneAfterAll('registration');
  return undefined;
}
