/** The people and companies of a round: created before anything is killed. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createApiKeys } from '../../src/adapters/postgres/api-keys';
import { HOUR_MS, DAY_MS } from '../../src/domain/time';
import { agentRows, enrol, newBroker, type Broker } from '../system/brokers';
import { beginHistory } from '../system/customer-history';
import { importRoster, issueApiKey, type IssuedKey } from '../system/commands';
import {
  OLD_PLAN,
  openDesk,
  type AgentFixture,
  type CustomerFixture,
  type Desk,
} from '../system/plan-changes';
import type { Stack } from '../system/stack';
import { secret } from '../system/secrets';
import type { MailServer } from './mail-server';

export interface Representative extends IssuedKey {
  readonly staffNumber: string;
}

export interface EnrolledBroker extends Broker {
  readonly accountId: string;
}

export interface World {
  readonly stack: Stack;
  readonly mail: MailServer;
  readonly desk: Desk;
  readonly representatives: readonly Representative[];
  /** Of the scope `audit`. */
  readonly auditor: IssuedKey;
  readonly agents: {
    readonly own: AgentFixture;
    readonly other: AgentFixture;
    readonly unappointed: AgentFixture;
    readonly callCenter: AgentFixture;
  };
  /** A broker in the roster who has no account yet. */
  importBroker(name: string): Promise<Broker>;
  /** One who has. */
  enrolBroker(name: string): Promise<EnrolledBroker>;
  /** Somebody whose agent of record is `agents.own`, unless told otherwise. */
  addCustomer(name: string, agent?: AgentFixture): Promise<CustomerFixture>;
  /** Backdates the current password by this time. Returns its id. */
  makeOld(accountId: string, ageMs: number): Promise<string>;
}

/** Old enough for a rotation, and for the second-last reminder. */
export const DUE_AGE_MS = 83 * DAY_MS + HOUR_MS;
export const EXPIRED_AGE_MS = 91 * DAY_MS;

const COLLECT_MS = 40;

export async function openWorld(stack: Stack, mail: MailServer, representatives: number): Promise<World> {
  const desk = await openDesk(stack);
  const agents = {
    own: await desk.addAgent('wuzzleown'),
    other: await desk.addAgent('wuzzleother'),
    unappointed: await desk.addAgent('wuzzleunappointed', { without: 'appointment' }),
    callCenter: await desk.addAgent('wuzzlecenter'),
  };
  await desk.addCallCenter(agents.callCenter);
  const importAgents = collected(async (brokers: readonly Broker[]) => {
    const { code, err } = await importRoster(stack, 'agents', agentRows(brokers));
    if (code !== 0) throw new Error(`agents were not imported: ${err}`);
  });
  const { database } = stack;

  const importBroker: World['importBroker'] = async (name) => {
    const broker = newBroker(name);
    await importAgents(broker);
    return broker;
  };

  return {
    stack,
    mail,
    desk,
    agents,
    representatives: await addRepresentatives(stack, representatives),
    auditor: await issueApiKey(stack, 'Auditors', 'audit'),
    importBroker,

    async enrolBroker(name) {
      const broker = await importBroker(name);
      return { ...broker, accountId: await enrol(stack, broker) };
    },

    async addCustomer(name, agent = agents.own) {
      const customerId = `W-${name.toUpperCase()}`;
      const email = secret(`${name}.customer@example.com`);
      const from = '2026-01-01';
      await database.customer.create({
        data: {
          customerId,
          email,
          language: 'en',
          state: 'TX',
          firstName: secret(`Cu${name}`),
          lastName: secret(`Fam${name}`),
        },
      });
      await beginHistory(database, customerId, {
        enrolments: [{ from, planId: OLD_PLAN }],
        agentsOfRecord: [{ from, agentKey: agent.agentNumber }],
      });
      return { customerId, email };
    },

    async makeOld(accountId, ageMs) {
      const { id } = await database.credential.findFirstOrThrow({ where: { accountId, retiredAt: null } });
      const setAt = new Date(Date.now() - ageMs);
      await database.credential.update({ where: { id }, data: { setAt } });
      return id;
    },
  };
}

/** Written directly to the database: running a command for each would take long. */
function addRepresentatives({ database, keyring }: Stack, howMany: number): Promise<Representative[]> {
  const keys = createApiKeys(database);
  return Promise.all(
    Array.from({ length: howMany }, async (_, at) => {
      const [id, key, staffNumber] = [
        randomUUID(),
        secret(randomBytes(32).toString('base64url')),
        `R${100 + at}`,
      ];
      await database.staff.create({
        data: {
          staffKey: staffNumber,
          staffNumber,
          role: 'plan-change-representative',
          firstName: 'Rep',
          lastName: 'Resentative',
          licensedFrom: new Date('2024-01-01'),
        },
      });
      await keys.create({
        id,
        name: staffNumber,
        scopes: ['unit'],
        staffNumber,
        atMs: Date.now(),
        operator: 'chaos',
        digest: keyring.tokenDigest(key),
      });
      return { id, key, staffNumber };
    }),
  );
}

/** Requests within a short time are batched. */
function collected<Item>(work: (items: readonly Item[]) => Promise<void>): (item: Item) => Promise<void> {
  let waiting: Item[] = [];
  let next: Promise<void> | undefined;
  // Sequentially: imports of one kind must not overlap.
  let last: Promise<unknown> = Promise.resolve();
  return (item) => {
    waiting.push(item);
    next ??= new Promise<void>((resolve, reject) => {
      setTimeout(() => {
        const items = waiting;
        [waiting, next] = [[], undefined];
        const done = last.then(() => work(items));
        last = done.catch(() => undefined);
        done.then(resolve, reject);
      }, COLLECT_MS);
    });
    return next;
  };
}
