/** What is left in the audit log, in the database and in Temporal. */
import { expectNoSecrets, readableText, secret } from '../../../lab/system/secrets';
import {
  brokerRunId,
  changePassword,
  invite,
  mailAbout,
  newBroker,
  newBrokerPassword,
  openReset,
  remind,
  signIn,
} from '../../../lab/system/brokers';
import { issueApiKey, revokeApiKey, type IssuedKey } from '../../../lab/system/commands';
import { apiKey, changedMail, codeOf, enrolled, expirePassword, stack, wrongAnswers } from './brokers';

describe('audit log', () => {
  it('The audit log tells a broker’s whole story in order', async () => {
    const broker = await enrolled('hildegardina');
    const { accountId, agentNumber, firstName, lastName } = broker;
    const first = newBrokerPassword();
    const second = newBrokerPassword();
    await signIn(stack, { ...broker, password: secret('Wrong4_word') });
    const { token } = (await signIn(stack, broker)).body;
    await stack.call('DELETE', '/v1/session', { token });
    const page = await openReset(stack, broker);
    await page.submitAnswers(wrongAnswers(broker));
    await page.submitAnswers(broker.answers);
    await page.choose(first);
    await remind(stack, { firstName, lastName, agentNumber });
    await expirePassword(accountId);
    await signIn(stack, { ...broker, password: first });
    await changePassword(stack, { ...broker, password: first }, second);

    const events = await stack.database.auditEvent.findMany({
      where: { accountId },
      orderBy: { id: 'asc' },
    });

    expect(events.map(({ action, outcome }) => `${action}: ${outcome}`)).toEqual([
      'registered: success',
      'sign-in-refused: credentials_wrong',
      'signed-in: success',
      'signed-out: success',
      'reset-opened: success',
      'proof-refused: answers_wrong',
      'proof-accepted: success',
      'password-reset: success',
      'username-reminded: success',
      'sign-in-refused: password_expired',
      'password-changed: success',
    ]);
    // The worker writes a reset's last step, and knows no address.
    const unplaced = events.filter(({ address }) => address === null).map(({ action }) => action);
    expect(unplaced).toEqual(['password-reset']);
  });

  it('A broker who accepted an earlier version of the terms accepts the current one after signing in', async () => {
    const broker = await enrolled('ingeborgina');
    const { accountId: id } = broker;
    await stack.database.account.update({ where: { id }, data: { termsVersion: '2025-01' } });

    const { token, termsToAccept } = (await signIn(stack, broker)).body;
    const { body: terms } = await stack.call('GET', '/v1/portals/broker/terms', {});
    const body = { version: terms.version };
    const answers = [
      await stack.call('POST', '/v1/session/terms', { token, body }),
      await stack.call('POST', '/v1/session/terms', { token, body }),
    ];

    expect([termsToAccept, terms.version, ...answers.map(codeOf)]).toEqual([
      '2026-01',
      '2026-01',
      '204 undefined',
      '204 undefined',
    ]);
    expect((await signIn(stack, broker)).body).not.toHaveProperty('termsToAccept');
    const events = await stack.database.auditEvent.findMany({
      where: { accountId: id, action: 'terms-accepted' },
    });
    expect(events.map(({ about }) => about)).toEqual(['2026-01 after 2025-01']);
  });

  it('The audit log tells what each API key was used for and when it was refused', async () => {
    const key = await issueApiKey(stack, 'Short-lived desk', 'accounts');
    const unscoped = await issueApiKey(stack, 'Auditors', 'audit');
    const person = newBroker('isabellinda', 'other');

    const issued = await invite(stack, key, person);
    const forbidden = await invite(stack, unscoped, person);
    await revokeApiKey(stack, key.id);
    const revoked = await invite(stack, key, person);
    const story = async ({ id }: IssuedKey): Promise<string[]> =>
      (await stack.database.auditEvent.findMany({ where: { apiKeyId: id }, orderBy: { id: 'asc' } })).map(
        ({ action, outcome }) => `${action}: ${outcome}`,
      );

    expect([issued.status, forbidden.status, revoked.status]).toEqual([201, 403, 401]);
    expect(await story(key)).toEqual([
      'api-key-created: success',
      'api-key-used: success',
      'invitation-issued: success',
      'api-key-revoked: success',
      'api-key-used: unauthorized',
    ]);
    expect(await story(unscoped)).toEqual(['api-key-created: success', 'api-key-used: scope_missing']);
  });

  it('The audit log holds no secrets and can be neither changed nor deleted', async () => {
    const { database } = stack;
    const events = await database.auditEvent.findMany();

    expect(events.length).toBeGreaterThan(100);
    expectNoSecrets('the audit log', readableText(events));
    await expect(database.auditEvent.updateMany({ data: { outcome: 'success' } })).rejects.toThrow();
    await expect(database.auditEvent.deleteMany()).rejects.toThrow();
  });
});

describe('stored data', () => {
  it('The database holds no password, answer, access code, SSN digit, key or token in plain text', async () => {
    const broker = await enrolled('jocastinella', 'other');
    const agent = await enrolled('kunigundella');
    const { token } = (await signIn(stack, agent)).body;
    const page = await openReset(stack, agent);
    await page.submitAnswers(agent.answers);
    const chosen = newBrokerPassword();
    await page.choose(chosen);
    const tables = await stack.database.$queryRaw<{ name: string }[]>`
      SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`;

    const rows: string[] = [];
    for (const { name } of tables) {
      const found = await stack.database.$queryRawUnsafe<{ row: string }[]>(
        `SELECT to_jsonb(t)::text AS row FROM "${name}" t`,
      );
      rows.push(...found.map(({ row }) => row));
    }
    const kept = rows.join('\n').toLowerCase();
    const plain = [
      ...[broker, agent].flatMap(({ accessCode, password, answers }) => [
        accessCode,
        accessCode.replaceAll('-', ''),
        password,
        ...answers.map(({ answer }) => answer),
      ]),
      ...[agent.ssnLast6, chosen, apiKey.key, token, page.token],
    ];

    expect(kept).toContain(agent.email);
    expect(plain.filter((value) => kept.includes(value.toLowerCase()))).toEqual([]);
  });
});

describe('operators’ view', () => {
  it('Runs are named by opaque keys and fixed identifiers only', async () => {
    const { accountId, ...broker } = await enrolled('leopoldinna');
    const page = await openReset(stack, broker);
    await page.submitAnswers(broker.answers);
    await page.choose(newBrokerPassword());
    await mailAbout(stack, broker.email, changedMail);

    const { raw } = await stack.client.workflow.getHandle(brokerRunId(stack, accountId)).describe();
    const ids = (await stack.runs()).map(({ workflowId }) => workflowId);

    expectNoSecrets('the description', readableText(raw));
    expect(ids).toContain(brokerRunId(stack, accountId));
    expect(ids.filter((id) => !/^(password-reset\/broker|notice)\/[\w.-]+$/.test(id))).toEqual([]);
  });
});
