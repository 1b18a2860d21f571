/** A completed change that was not the last word (spec.md 7b): reversed, followed by another for its date, or determined again. */
import {
  NEW_PLAN,
  OLD_PLAN,
  today,
  type AgentFixture,
  type CustomerFixture,
} from '../../system/plan-changes';
import { unexpected, type Visitor } from '../visitor';
import type { World } from '../world';
import type { Ending, FlowKind, Told } from './flow';
import { complete, external, takeIn, type Facilitator } from './plan-change';

type Causes = Extract<Told, { readonly kind: 'corrections' }>['causes'];

interface Variant {
  readonly weight: number;
  readonly name: string;
  /** Of the roster's agent of record, when the customer comes. */
  readonly without?: 'certification';
  /** What the person does, and the agent of record in the end. */
  act(person: Person): Promise<{ readonly causes: Causes; readonly agent: AgentFixture }>;
}

interface Person {
  readonly visitor: Visitor;
  readonly world: World;
  readonly customer: CustomerFixture;
  readonly own: AgentFixture;
}

const VARIANTS: readonly Variant[] = [
  {
    weight: 3,
    name: 'reversed',
    async act(person) {
      await reverse(person, await byOther(person));
      return { causes: ['plan-change', 'reversal'], agent: person.own };
    },
  },
  {
    weight: 2,
    name: 'another for its date',
    async act(person) {
      await byOther(person);
      await byInternal(person, OLD_PLAN);
      return { causes: ['plan-change', 'plan-change'], agent: person.own };
    },
  },
  {
    weight: 3,
    name: 'another for its date, reversed',
    async act(person) {
      await byOther(person);
      await reverse(person, await byInternal(person, OLD_PLAN));
      return { causes: ['plan-change', 'plan-change', 'reversal'], agent: person.world.agents.other };
    },
  },
  {
    weight: 3,
    name: 'determined again',
    without: 'certification',
    async act(person) {
      const id = await byInternal(person, NEW_PLAN);
      await certify(person);
      await redetermine(person, id);
      return { causes: ['plan-change', 'redetermination'], agent: person.own };
    },
  },
];

export const correction: FlowKind = {
  name: 'correction',
  weight: 12,
  async prepare({ world, random, name }) {
    const { act, without, name: outcome } = random.weighted(VARIANTS);
    const own = without === undefined ? world.agents.own : await world.desk.addAgent(name, { without });
    const customer = await world.addCustomer(name, own);

    return async (visitor): Promise<Ending> => {
      const { causes, agent } = await act({ visitor, world, customer, own });
      const { customerId } = customer;
      return { outcome, told: [{ kind: 'corrections', customerId, causes, agentKey: agent.agentNumber }] };
    };
  },
};

/** The id of the completed change. */
async function completed(
  { visitor, world, customer }: Person,
  channel: string,
  facilitator: Facilitator,
  planId: string,
): Promise<string> {
  const { key } = world.desk.intake;
  const id = await takeIn(visitor, world, customer, channel, facilitator);
  await complete(visitor, key, key, id, 'completed', planId);
  return id;
}

const byOther = (person: Person): Promise<string> =>
  completed(person, 'external-agent-application', external(person.world.agents.other.agentNumber), NEW_PLAN);
/** The agent of record stays. */
const byInternal = (person: Person, planId: string): Promise<string> =>
  completed(person, 'field-agent', { kind: 'internal-agent', number: 'S-310' }, planId);

async function reverse({ visitor, world }: Person, id: string): Promise<void> {
  const body = { reason: 'customer-cancelled' };
  const call = { token: world.desk.intake.key, body };
  const { answer, unsure } = await visitor.send('POST', `/v1/plan-changes/${id}/reversal`, call);
  if (answer.status === 200) return;
  if (!unsure || answer.body?.reason !== 'already-reversed') throw unexpected('reversing', answer);
  visitor.doneAfterAll('reversal');
}

async function redetermine({ visitor, world }: Person, id: string): Promise<void> {
  const call = { token: world.auditor.key, body: { note: 'The certification roster came late.' } };
  const { answer, unsure } = await visitor.send('POST', `/v1/plan-changes/${id}/redetermination`, call);
  if (answer.status === 200) return;
  if (!unsure || answer.body?.code !== 'nothing_to_correct') throw unexpected('determining again', answer);
  visitor.doneAfterAll('redetermination');
}

/** The roster that came late. Importing it twice changes nothing. */
async function certify({ visitor, world, own: { agentNumber } }: Person): Promise<void> {
  const from = '2024-01-01';
  const years = [0, 1].map((more) => String(Number(today().slice(0, 4)) + more));
  const lines = years.map((planYear) => ({
    agentNumber,
    type: 'certification',
    state: '',
    planYear,
    from,
    to: '',
  }));
  await visitor.untilThere('the roster of standing', async () => {
    await world.desk.imported('agent-standing', lines);
    return true;
  });
}
