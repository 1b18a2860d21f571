/** A customer changes plans, by every channel; the unit's changes are completed by its representatives. */
import type { PlanChangeChannel } from '../../../src/domain/plan-change/routing';
import { firstOfMonth, NEW_PLAN, type CustomerFixture } from '../../system/plan-changes';
import type { Json } from '../../system/json-client';
import { FlowStuck, said, unexpected, type Visitor } from '../visitor';
import type { World } from '../world';
import type { FlowKind, Told } from './flow';

export interface Facilitator {
  readonly kind: string;
  readonly number: string;
}

interface Variant {
  readonly weight: number;
  readonly channel: PlanChangeChannel;
  readonly outcome: 'retained' | 'transferred';
  readonly byUnit?: true;
  readonly refers?: true;
  readonly heldFirst?: true;
  facilitator?(agents: World['agents']): Facilitator;
}

export const external = (number: string): Facilitator => ({ kind: 'external-agent', number });
const VARIANTS: readonly Variant[] = [
  { weight: 5, channel: 'plan-change-line', outcome: 'retained', byUnit: true },
  { weight: 2, channel: 'customer-service', outcome: 'retained', byUnit: true },
  {
    weight: 2,
    channel: 'field-agent',
    outcome: 'retained',
    facilitator: () => ({ kind: 'internal-agent', number: 'S-310' }),
  },
  {
    weight: 2,
    channel: 'telesales-agent',
    outcome: 'retained',
    byUnit: true,
    refers: true,
    facilitator: () => ({ kind: 'internal-agent', number: 'S-311' }),
  },
  {
    weight: 2,
    channel: 'own-agent-application',
    outcome: 'retained',
    facilitator: ({ own }) => external(own.agentNumber),
  },
  {
    weight: 3,
    channel: 'external-agent-application',
    outcome: 'transferred',
    facilitator: ({ other }) => external(other.agentNumber),
  },
  {
    weight: 2,
    channel: 'external-agent-application',
    outcome: 'transferred',
    heldFirst: true,
    facilitator: ({ unappointed }) => external(unappointed.agentNumber),
  },
  {
    weight: 2,
    channel: 'external-call-center',
    outcome: 'transferred',
    facilitator: ({ callCenter }) => ({ kind: 'call-center', number: callCenter.agentNumber }),
  },
];

export const planChange: FlowKind = {
  name: 'plan-change',
  weight: 26,
  async prepare({ world, random, name }) {
    const customer = await world.addCustomer(name);
    const variant = random.weighted(VARIANTS);
    const { channel, outcome } = variant;
    const { desk, agents } = world;
    const facilitator = variant.facilitator?.(agents);

    return async (visitor) => {
      const id = await takeIn(visitor, world, customer, channel, facilitator);
      if (variant.refers)
        await move(visitor, world, id, '/refer', undefined, ({ stage }) => stage !== 'with-facilitator');
      if (variant.heldFirst) {
        await complete(visitor, desk.intake.key, desk.intake.key, id, 'held');
        const body = { facilitator: external(agents.other.agentNumber) };
        await move(visitor, world, id, '/facilitator', body, ({ stage }) => stage === 'with-facilitator');
      }
      const done = variant.byUnit
        ? await untilCompleted(visitor, world, id)
        : await complete(visitor, desk.intake.key, desk.intake.key, id);
      if (done.agentOfRecord?.outcome !== outcome)
        throw new FlowStuck(`decided as ${done.agentOfRecord?.outcome} instead of ${outcome}`);
      return { outcome: `completed, ${channel}${variant.heldFirst ? ', held' : ''}`, told: [toldOf(done)] };
    };
  },
};

export function toldOf({ id: planChangeId, customerId, stage, agentOfRecord }: Json): Told {
  return {
    kind: 'plan-change',
    planChangeId,
    customerId,
    stage,
    ...(agentOfRecord === null ? {} : { agentOfRecord }),
  };
}

/** The change's id. A client that missed the answer is told which one is open. */
export async function takeIn(
  visitor: Visitor,
  { desk }: World,
  { customerId }: CustomerFixture,
  channel: string,
  facilitator?: Facilitator,
): Promise<string> {
  const { answer, unsure } = await visitor.send('POST', '/v1/plan-changes', {
    token: desk.intake.key,
    // The unit may have completed it meanwhile: with another key this would be another change for the same day.
    keepsKey: true,
    body: { customerId, channel, ...(facilitator === undefined ? {} : { facilitator }) },
  });
  if (answer.status === 201) return answer.body.id;
  if (!unsure || answer.body?.code !== 'plan_change_open') throw unexpected('taking in', answer);
  visitor.doneAfterAll('intake');
  return answer.body.planChangeId;
}

export async function lookAt(visitor: Visitor, token: string, id: string): Promise<Json> {
  const { answer } = await visitor.send('GET', `/v1/plan-changes/${id}`, { token });
  if (answer.status !== 200) throw unexpected('looking at the change', answer);
  return answer.body;
}

/** A move that is already done may be requested again. */
async function move(
  visitor: Visitor,
  { desk }: World,
  id: string,
  path: string,
  body: object | undefined,
  isDone: (change: Json) => boolean,
): Promise<void> {
  const { answer, unsure } = await visitor.send('POST', `/v1/plan-changes/${id}${path}`, {
    token: desk.intake.key,
    body,
  });
  if (answer.status === 200) return;
  if (unsure && isDone(await lookAt(visitor, desk.intake.key, id)))
    return visitor.doneAfterAll(path.slice(1));
  throw unexpected(path.slice(1), answer);
}

/** Completes the change and checks the state after each missing answer; or finds it held, if that is expected. */
export async function complete(
  visitor: Visitor,
  token: string,
  lookToken: string,
  id: string,
  wanted: 'completed' | 'held' = 'completed',
  planId = NEW_PLAN,
): Promise<Json> {
  const body = { planId, effectiveDate: firstOfMonth(1) };
  for (let tried = 0; ; tried++) {
    const answer = await visitor.once('POST', `/v1/plan-changes/${id}/complete`, { token, body });
    if (answer?.status === 200 && wanted === 'completed') return answer.body;
    const seen = await lookAt(visitor, lookToken, id);
    if (seen.stage === wanted) {
      if (answer?.body?.code !== 'facilitator_not_eligible') visitor.doneAfterAll(wanted);
      return seen;
    }
    if (answer !== null)
      throw new FlowStuck(`completing was answered ${said(answer)}, and it is ${seen.stage}`);
    await visitor.pause(tried, 'completing');
  }
}

function untilCompleted(visitor: Visitor, { desk }: World, id: string): Promise<Json> {
  return visitor.untilThere('the unit to complete the change', async () => {
    await visitor.wait(500);
    const seen = await lookAt(visitor, desk.intake.key, id);
    return seen.stage === 'completed' ? seen : undefined;
  });
}
