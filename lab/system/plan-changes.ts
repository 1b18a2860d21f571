/** An insurer's customers, agents and staff, imported from rosters, and what staff do with plan changes. */
import { DateTime } from 'luxon';
import { importRoster, issueApiKey, type IssuedKey, type Row } from './commands';
import type { Answer } from './json-client';
import { secret } from './secrets';
import type { Stack } from './stack';

export const OLD_PLAN = 'H4513-046-000';
export const NEW_PLAN = 'H4513-052-000';
/** Offered only in another state. */
export const FLORIDA_PLAN = 'H7849-009-000';

export const today = (): string => DateTime.now().setZone('America/New_York').toISODate() ?? '';
/** The first day of a future month. */
export const firstOfMonth = (monthsAhead: number): string =>
  DateTime.fromISO(today()).startOf('month').plus({ months: monthsAhead }).toISODate() ?? '';
export const dayBefore = (day: string): string => DateTime.fromISO(day).minus({ days: 1 }).toISODate() ?? '';

export interface AgentFixture {
  readonly agentNumber: string;
  readonly email: string;
  readonly name: string;
}

export interface CustomerFixture {
  readonly customerId: string;
  readonly email: string;
}

interface Defects {
  readonly terminatedOn?: string;
  /** What the agent does not have. */
  readonly without?: 'licence' | 'appointment' | 'certification';
}

interface CustomersLine {
  readonly customerId?: string;
  readonly disenrolledOn?: string;
}

let made = 0;

export type Desk = Awaited<ReturnType<typeof openDesk>>;

/** The facilitator of a change in the request's format: an external agent, or one of the company's own. */
export const external = ({ agentNumber }: AgentFixture) => ({ kind: 'external-agent', number: agentNumber });
export const internal = (number: string) => ({ kind: 'internal-agent', number });

/** Plans, a representative, and the systems that take in applications. */
export async function openDesk(stack: Stack) {
  const { call } = stack;
  await imported('plans', [plan(OLD_PLAN, 'TX;OK'), plan(NEW_PLAN, 'TX;OK'), plan(FLORIDA_PLAN, 'FL')]);
  await imported('staff', [
    staff('S-201', 'plan-change-representative'),
    staff('S-202', 'plan-change-representative'),
    staff('S-203', 'plan-change-representative', { licensedTo: dayBefore(today()) }),
    staff('S-310', 'field-agent'),
    staff('S-311', 'telesales-agent'),
    staff('S-420', 'customer-service', { licensedFrom: '' }),
  ]);
  const intake = await issueApiKey(stack, 'Applications', 'intake');
  const noor = await issueApiKey(stack, 'Noor', 'unit', 'S-201');

  async function imported(kind: string, rows: readonly Row[]): Promise<void> {
    const { code, err, out } = await importRoster(stack, kind, rows);
    if (code !== 0) throw new Error(`${kind} were not imported: ${err}${out}`);
  }

  const post = (
    key: IssuedKey,
    path: string,
    body?: object,
    headers: Readonly<Record<string, string>> = {},
  ) =>
    call('POST', `/v1/plan-changes${path}`, {
      token: key.key,
      headers,
      ...(body === undefined ? {} : { body }),
    });

  return {
    intake,
    noor,
    imported,
    post,

    /** An agent who is eligible except for `defects`. */
    async addAgent(name: string, { terminatedOn = '', without }: Defects = {}): Promise<AgentFixture> {
      made += 1;
      const agentNumber = `${44_000 + made}`;
      const fixture = {
        agentNumber,
        email: secret(`${name}.agent@example.com`),
        name: `${secret(`Ag${name}`)} ${secret(`Von${name}`)}`,
      };
      const [firstName = '', lastName = ''] = fixture.name.split(' ');
      await imported('agents', [
        {
          agentNumber,
          kind: 'agent',
          firstName,
          lastName,
          previousLastNames: '',
          principalAgentNumber: '',
          ssnLast6: secret(`${913_000 + made}`),
          email: fixture.email,
          welcomedOn: '2026-01-12',
          company: 'Loyal American Life',
          terminatedOn,
        },
      ]);
      const from = '2024-01-01';
      const lines: Row[] = [
        { agentNumber, type: 'licence', state: 'TX', planYear: '', from, to: '' },
        { agentNumber, type: 'appointment', state: '', planYear: '', from, to: '' },
        ...[0, 1].map((years) => ({
          agentNumber,
          type: 'certification',
          state: '',
          from,
          to: '',
          planYear: String(Number(today().slice(0, 4)) + years),
        })),
      ].filter(({ type }) => type !== without);
      await imported('agent-standing', lines);
      return fixture;
    },

    /** With `customerId`: another line of that customer. */
    async addCustomer(
      name: string,
      agent: AgentFixture,
      language = 'en',
      { customerId = `C-${700_000 + ++made}`, disenrolledOn }: CustomersLine = {},
    ): Promise<CustomerFixture> {
      const email = secret(`${name}.customer@example.com`);
      await imported('customers', [
        {
          customerId,
          firstName: secret(`Cu${name}`),
          lastName: secret(`Fam${name}`),
          email,
          language,
          state: 'TX',
          planId: OLD_PLAN,
          enrolledOn: '2026-01-01',
          agentNumber: agent.agentNumber,
          ...(disenrolledOn === undefined ? {} : { disenrolledOn }),
        },
      ]);
      return { customerId, email };
    },

    addCallCenter: (agent: AgentFixture): Promise<void> =>
      imported('call-centers', [{ agentNumber: agent.agentNumber, name: 'Whitfield Call Center' }]),

    take: (
      { customerId }: CustomerFixture,
      channel: string,
      facilitator?: { kind: string; number: string },
      key = intake,
    ): Promise<Answer> =>
      post(key, '', { customerId, channel, ...(facilitator === undefined ? {} : { facilitator }) }),

    complete: (key: IssuedKey, id: string, different: object = {}): Promise<Answer> =>
      post(key, `/${id}/complete`, { planId: NEW_PLAN, effectiveDate: firstOfMonth(1), ...different }),

    look: (id: string): Promise<Answer> => call('GET', `/v1/plan-changes/${id}`, { token: intake.key }),

    agentOf: ({ customerId }: CustomerFixture, on?: string): Promise<Answer> =>
      call('GET', `/v1/customers/${customerId}/agent-of-record${on === undefined ? '' : `?on=${on}`}`, {
        token: intake.key,
      }),

    /** Subjects of the emails sent to `address`. */
    subjectsTo: async ({ email }: { readonly email: string }): Promise<string[]> =>
      (await stack.mailbox.mailsTo(email)).map(({ subject }) => subject),
  };
}

const plan = (planId: string, states: string): Row => ({
  planId,
  name: `Plan ${planId.slice(6)}`,
  type: 'medicare-advantage',
  states,
  offeredFrom: '2020-01-01',
  offeredTo: '',
});

const staff = (staffNumber: string, role: string, different: Row = {}): Row => ({
  staffNumber,
  role,
  firstName: secret(`Staffperson${staffNumber.slice(2)}`),
  lastName: secret(`Deskname${staffNumber.slice(2)}`),
  licensedFrom: '2024-01-01',
  licensedTo: '',
  ...different,
});

/** `409 claimed_by_other`, or `200 completed`. */
export const codeOf = ({ status, body }: Answer): string => {
  const said: string[] = [body?.code ?? body?.stage ?? ''];
  if (body?.code !== undefined) said.push(body.reason ?? (body.stage as string | undefined) ?? '');
  return [status, ...said].join(' ').trimEnd();
};
