import { localTime } from '../../src/adapters/mail/templates/local-time';
import { HOUR_MS, MINUTE_MS } from '../../src/domain/time';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';
import { startClockedWorker } from './support/clocked';
import { pinIn } from '../../lab/system/mailbox';
import { newPassword } from '../../lab/system/members';
import type { Stack } from '../../lab/system/stack';
import { withStack } from './support/with-stack';

let temporal: TestTemporal;
let stack: Stack;
/** How far the worker's clock is ahead of real time. */
let aheadMs = 0;

withStack(
  async (started) => {
    stack = started;
    temporal = await createTestTemporal();
  },
  {
    async start(started) {
      await started.api.start();
      return [await startClockedWorker(started, () => Date.now() + aheadMs)];
    },
  },
);

afterAll(() => temporal.close());

beforeEach(async () => {
  aheadMs = 0;
  await stack.mailbox.goDown();
});

const ledgerEntry = (resetId: string) =>
  stack.database.mailDelivery.findFirst({ where: { reference: resetId } });

describe('PIN email while the mail server is down', () => {
  it('A PIN email that waits ten minutes arrives once, with the minutes left and the PIN’s true end', async () => {
    const ana = await stack.addPerson('anastasita');
    const page = await stack.openReset(ana.email);
    await stack.untilMailWaits(stack.resetRunId(ana.email));

    aheadMs = 10 * MINUTE_MS;
    await stack.mailbox.comeUp();
    const mail = await stack.mailbox.mailTo(ana.email);
    const proved = await page.submitPin(pinIn(mail));
    await page.choose(newPassword());
    await stack.mailbox.mailTo(ana.email, 2);

    const end = localTime(Date.parse(page.opening.body.expiresAt), 'en', 'America/New_York');
    expect(mail.text.replace(/\s+/g, ' ')).toContain(
      `When it was sent, 79 minutes remained: the PIN is good until ${end.time} on ${end.day}.`,
    );
    expect(proved).toMatchObject({ status: 200, body: { stage: 'password' } });
    expect((await stack.mailbox.mailsTo(ana.email)).map(({ messageId }) => messageId)).toEqual([
      mail.messageId,
      expect.stringMatching(/^<password-changed\./),
    ]);
    expect(await ledgerEntry(page.id)).toMatchObject({ status: 'delivered' });
  });

  it('A PIN email never arrives when the PIN has expired before the mail server is back', async () => {
    const bea = await stack.addPerson('beatrizita');
    const page = await stack.openReset(bea.email);
    await stack.untilMailWaits(stack.resetRunId(bea.email));

    aheadMs = 2 * HOUR_MS;
    await stack.mailbox.comeUp();
    await until(async () => (await ledgerEntry(page.id))?.status !== 'pending');

    expect(await ledgerEntry(page.id)).toMatchObject({ status: 'outdated' });
    expect(await stack.mailbox.mailsTo(bea.email)).toEqual([]);
  });

  it('A waiting PIN email is replaced by the next PIN’s, and only the newest arrives', async () => {
    const caro = await stack.addPerson('carolinda');
    const page = await stack.openReset(caro.email);
    await stack.untilMailWaits(stack.resetRunId(caro.email));
    await temporal.forward(stack.resetRunId(caro.email), 46);

    const resent = await page.resend();
    await stack.mailbox.comeUp();
    const mail = await stack.mailbox.mailTo(caro.email);
    const proved = await page.submitPin(pinIn(mail));
    await page.choose(newPassword());
    await stack.mailbox.mailTo(caro.email, 2);

    expect(resent.status).toBe(202);
    expect(mail.messageId).toBe(`<pin.${page.id}.2@tenure.example>`);
    expect(proved.status).toBe(200);
    expect(await stack.mailbox.mailsTo(caro.email)).toHaveLength(2);
  });
});
