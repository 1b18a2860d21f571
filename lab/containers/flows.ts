/** What people and back offices do with the Tenure that runs in containers, over its published ports. */
import { createJsonClient, type Answer, type Call } from '../system/json-client';
import { newPassword } from '../system/members';
import { patiently, ResetPage } from '../system/reset-page';
import { demoRosters } from '../stack/demo-people';
import { until } from '../stack/wait-until';
import type { Compose } from './compose';
import type { Inbox } from './inbox';

/** Of prisma/demo/members.csv. */
export interface Member {
  readonly username: string;
  readonly email: string;
}

export const importRosters = async ({ tenure }: Compose): Promise<void> => {
  for (const { kind } of demoRosters)
    await tenure(['dist/cli/import.js', kind, `/demo/${kind}.csv`], ['./prisma/demo:/demo:ro']);
};

/** A member's reset of a password, one step a call, through any of the APIs. */
export function createReset(call: Call, inbox: Inbox, { username, email }: Member) {
  const password = newPassword();
  let page: ResetPage | undefined;
  const opened = (): ResetPage => {
    if (page === undefined) throw new Error('the reset was not opened');
    return page;
  };
  return {
    email,

    async open(): Promise<number> {
      const answer = await patiently(() =>
        call('POST', '/v1/portals/member/password-resets', { body: { email } }),
      );
      page = new ResetPage(call, answer);
      return answer.status;
    },

    /** Reads the PIN in the inbox and types it; returns the reset's stage. */
    async prove(): Promise<string> {
      return stageOf(await opened().submitPin(await inbox.pinTo(email)));
    },

    choose: async (): Promise<string> => stageOf(await opened().choose(password)),
    signIn: async (): Promise<number> =>
      (await call('POST', '/v1/portals/member/sessions', { body: { username, password } })).status,
  };
}

/** Keys of the back office's two sides. */
export async function createKeys({ tenure }: Compose) {
  const create = async (name: string, ...more: string[]): Promise<string> =>
    (await tenure(['dist/cli/api-key.js', 'create', '--name', name, ...more])).trim();
  return {
    intake: await create('applications', '--scopes', 'intake'),
    unit: await create('noor', '--scopes', 'unit', '--staff', 'S-201'),
  };
}

export type Keys = Awaited<ReturnType<typeof createKeys>>;

/** Plan changes of the line's queue: taken in, and completed by the unit. */
export function createPlanChanges(call: Call, { intake, unit }: Keys) {
  const post = (path: string, token: string, body?: object): Promise<Answer> =>
    patiently(() => call('POST', `/v1/plan-changes${path}`, { token, ...(body && { body }) }));
  return {
    async takeIn(customerId: string): Promise<string> {
      const { body } = await post('', intake, { customerId, channel: 'plan-change-line' });
      return String(body.stage);
    },

    /** Takes the next one and completes it; returns what became of the agent of record. */
    async completeNext(): Promise<string> {
      let id: string | undefined;
      await until(
        async () => (id = (await post('/next', unit)).body?.id as string | undefined) !== undefined,
      );
      const done = await post(`/${id}/complete`, unit, {
        planId: 'H4513-067-001',
        effectiveDate: nextFirst(),
      });
      return String(done.body.agentOfRecord?.outcome ?? done.body.code);
    },
  };
}

/** The first of a month to come on which that plan is offered. */
function nextFirst(): string {
  const now = new Date();
  const next = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)).toISOString().slice(0, 10);
  return next < '2027-01-01' ? '2027-01-01' : next;
}

const stageOf = ({ body }: Answer): string => String(body.stage ?? body.code);

/** Calls several APIs in turn. */
export function callInTurn(ports: readonly number[]): { readonly call: Call; close(): void } {
  const clients = ports.map((port) => createJsonClient(port, { keepAlive: false }));
  let calls = 0;
  return {
    call: (...args) => {
      const client = clients[(calls += 1) % clients.length];
      if (client === undefined) throw new Error('there is no API');
      return client.call(...args);
    },
    close: () => clients.forEach((client) => client.close()),
  };
}
