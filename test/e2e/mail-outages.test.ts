import { localTime } from '../../src/adapters/mail/templates/local-time';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/portal';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';
import { inTurn } from './support/closing';
import { startClockedWorker } from './support/clocked-worker';
import { pinIn } from './support/mailbox';
import { createPortal, newPassword, type Portal } from './support/portal';

let testDatabase: TestDatabase;
let temporal: TestTemporal;
let portal: Portal;
let worker: { stop(): Promise<void> };
/** How far the worker's clock is ahead of the wall's. */
let aheadMs = 0;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  temporal = await createTestTemporal();
  portal = await createPortal({
    databaseUrl: testDatabase.url,
    temporalAddress: process.env['TENURE_TEST_TEMPORAL']!,
  });
  await portal.api.start();
  worker = await startClockedWorker(portal, () => Date.now() + aheadMs);
});

afterAll(() =>
  inTurn(
    () => worker.stop(),
    () => portal.close(),
    () => temporal.close(),
    () => testDatabase.drop(),
  ),
);

beforeEach(async () => {
  aheadMs = 0;
  await portal.mailbox.goDown();
});

const ledgerEntry = (resetId: string) =>
  portal.database.mailDelivery.findFirst({ where: { reference: resetId } });

describe('the PIN email, while the mail server is down', () => {
  it('waits for ten minutes and arrives once, telling what is left of the PIN and its true end', async () => {
    const ana = await portal.addPerson('anastasita');
    const page = await portal.openReset(ana.email);
    await portal.untilMailWaits(portal.resetRunId(ana.email));

    aheadMs = 10 * MINUTE_MS;
    await portal.mailbox.comeUp();
    const mail = await portal.mailbox.mailTo(ana.email);
    const proved = await page.submitPin(pinIn(mail));
    await page.choose(newPassword());
    await portal.mailbox.mailTo(ana.email, 2);

    const end = localTime(Date.parse(page.opening.body.expiresAt), 'en', 'America/New_York');
    expect(mail.text.replace(/\s+/g, ' ')).toContain(
      `When it was sent, 79 minutes remained: the PIN is good until ${end.time} on ${end.day}.`,
    );
    expect(proved).toMatchObject({ status: 200, body: { stage: 'password' } });
    expect((await portal.mailbox.mailsTo(ana.email)).map(({ messageId }) => messageId)).toEqual([
      mail.messageId,
      expect.stringMatching(/^<password-changed\./),
    ]);
    expect(await ledgerEntry(page.id)).toMatchObject({ status: 'delivered' });
  });

  it('never arrives when the PIN has expired before the mail server is back', async () => {
    const bea = await portal.addPerson('beatrizita');
    const page = await portal.openReset(bea.email);
    await portal.untilMailWaits(portal.resetRunId(bea.email));

    aheadMs = 2 * HOUR_MS;
    await portal.mailbox.comeUp();
    await until(async () => (await ledgerEntry(page.id))?.status !== 'pending');

    expect(await ledgerEntry(page.id)).toMatchObject({ status: 'outdated' });
    expect(await portal.mailbox.mailsTo(bea.email)).toEqual([]);
  });

  it('is replaced by the next PIN, if one is asked for: only the newest arrives', async () => {
    const caro = await portal.addPerson('carolinda');
    const page = await portal.openReset(caro.email);
    await portal.untilMailWaits(portal.resetRunId(caro.email));
    await temporal.forward(portal.resetRunId(caro.email), 46);

    const resent = await page.resend();
    await portal.mailbox.comeUp();
    const mail = await portal.mailbox.mailTo(caro.email);
    const proved = await page.submitPin(pinIn(mail));
    await page.choose(newPassword());
    await portal.mailbox.mailTo(caro.email, 2);

    expect(resent.status).toBe(202);
    expect(mail.messageId).toBe(`<pin.${page.id}.2@tenure.example>`);
    expect(proved.status).toBe(200);
    expect(await portal.mailbox.mailsTo(caro.email)).toHaveLength(2);
  });
});
