/** An agent whose last day is over. The worker looks once a minute. */
import { agentRow, mailAbout, signIn } from '../../../lab/system/brokers';
import { importRoster, issueApiKey, type Row } from '../../../lab/system/commands';
import { dayBefore, today } from '../../../lab/system/plan-changes';
import { secret } from '../../../lab/system/secrets';
import { until } from '../../support/until';
import { COMPLIANCE, codeOf, enrolled, sessionOf, stack } from './brokers';

const PLAN = 'H4513-046-000';

async function imported(kind: string, row: Row): Promise<void> {
  const { code, err } = await importRoster(stack, kind, [row]);
  if (code !== 0) throw new Error(`not imported: ${err}`);
}

it('The day after an agent’s last day the sessions end, the account is closed as set, and compliance is told of the customers', async () => {
  const broker = await enrolled('terminatus');
  await imported('plans', {
    ...{ planId: PLAN, name: 'Preferred', type: 'medicare-advantage', states: 'TX' },
    ...{ offeredFrom: '2024-10-15', offeredTo: '' },
  });
  const customerId = 'C-990001';
  await imported('customers', {
    ...{ customerId, firstName: secret('Cuterminated'), lastName: secret('Famterminated') },
    ...{ email: secret('terminated.customer@example.com'), language: 'en', state: 'TX' },
    ...{ planId: PLAN, enrolledOn: '2026-01-01', agentNumber: broker.agentNumber },
  });
  const { token } = (await signIn(stack, broker)).body;
  const before = await sessionOf(token);

  await imported('agents', agentRow(broker, { terminatedOn: dayBefore(today()) }));
  await until(async () => (await sessionOf(token)).status === 401);
  const { text } = await mailAbout(stack, COMPLIANCE, /was terminated/);
  const again = await signIn(stack, broker);
  const auditor = await issueApiKey(stack, 'Auditors of terminations', 'audit');
  const path = `/v1/agents/${broker.agentNumber}/customers`;
  const { body } = await stack.call('GET', path, { token: auditor.key });

  expect(before.status).toBe(200);
  expect(codeOf(again)).toBe('401 credentials_wrong');
  expect(text).toContain('Customers with this agent of record: 1');
  expect(text).toContain(`GET ${path}`);
  expect(body.customers).toMatchObject([{ customerId }]);
  expect(await stack.mailbox.mailsTo(COMPLIANCE)).toHaveLength(1);
});
