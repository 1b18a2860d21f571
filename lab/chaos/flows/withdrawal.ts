/** A plan change that is withdrawn, unless a representative is faster. */
import { unexpected, type Visitor } from '../visitor';
import type { World } from '../world';
import type { FlowKind } from './flow';
import { lookAt, takeIn, toldOf } from './plan-change';
import type { Json } from '../../system/json-client';

export const withdrawal: FlowKind = {
  name: 'withdrawal',
  weight: 7,
  async prepare({ world, random, name }) {
    const customer = await world.addCustomer(name);
    const ofUnit = random.chance(0.5);

    return async (visitor) => {
      const id = ofUnit
        ? await takeIn(visitor, world, customer, 'plan-change-line')
        : await takeIn(visitor, world, customer, 'external-agent-application', {
            kind: 'external-agent',
            number: world.agents.other.agentNumber,
          });
      const ended = await withdraw(visitor, world, id);
      return {
        outcome: ended.stage === 'withdrawn' ? 'withdrawn' : 'completed first',
        told: [toldOf(ended)],
      };
    };
  },
};

/** While a representative has a change, nobody else can withdraw it. */
async function withdraw(visitor: Visitor, { desk }: World, id: string): Promise<Json> {
  const token = desk.intake.key;
  for (let tried = 0; ; tried++) {
    const { answer, unsure } = await visitor.send('POST', `/v1/plan-changes/${id}/withdraw`, {
      token,
      body: { reason: 'the customer called again' },
    });
    if (answer.status === 200) return answer.body;
    const seen = await lookAt(visitor, token, id);
    if (seen.stage === 'withdrawn' && unsure) visitor.doneAfterAll('withdrawal');
    if (seen.stage === 'withdrawn' || seen.stage === 'completed') return seen;
    if (answer.body?.code !== 'claimed_by_other') throw unexpected('withdrawing', answer);
    await visitor.pause(tried, 'withdrawing');
  }
}
