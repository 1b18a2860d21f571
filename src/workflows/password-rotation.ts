import {
  ActivityFailure,
  CancellationScope,
  isCancellation,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
  setWorkflowOptions,
  sleep,
} from '@temporalio/workflow';
import {
  passwordChangedSignal,
  type EndMoved,
  type PasswordRotationActivities,
  type PasswordRotationInput,
  type PasswordRotationResult,
  type SendReminderResult,
} from '../contracts/password-rotation';
import { nextReminder, type RotationEnding } from '../domain/password-rotation/password-rotation';
import type { ReminderSlot, RotationCalendar } from '../domain/password-rotation/rotation-calendar';
import { endAs, markStage, showDetails, utcMinute } from './run-details';
import { PATIENTLY, mailStep, mailTimeoutMs, movesToNewerBuilds } from './step-options';

const steps = proxyActivities<PasswordRotationActivities>(PATIENTLY);
/** For runs started by an earlier build. */
const localSteps = proxyLocalActivities<PasswordRotationActivities>(PATIENTLY);

setWorkflowOptions(movesToNewerBuilds, passwordRotation);

/**
 * Reminds the owner of a password that expires soon, 14, 7 and 1 days before (spec.md 6).
 *
 * Ends as `rotated` as soon as another password replaces it, as `expired` at its end, as `account-closed`, or as `unlimited` if
 * the portal's passwords no longer expire. It enforces nothing: sign-in checks the date. The database and the policy are
 * checked before every email and at the end, so a lost signal makes it late, never wrong, and reminders follow
 * a changed expiry. Cancelled in the UI, it ends as cancelled and sends no more reminders.
 */
export async function passwordRotation(input: PasswordRotationInput): Promise<PasswordRotationResult> {
  const { portal, accountId, credentialId } = input;
  const { sendReminder } = proxyActivities<PasswordRotationActivities>(mailStep('reminder'));
  let calendar: RotationCalendar = input;
  let ending: RotationEnding | undefined;
  let reminders = 0;
  let waiting: CancellationScope | undefined;

  setHandler(passwordChangedSignal, onPasswordChanged, {
    description: 'Another password took the place of this one',
  });

  try {
    while (ending === undefined) {
      await remindInTurn();
      if (ending === undefined) await until(calendar.expiresAtMs, 'the password to be changed, or to end');
      if (ending === undefined) await lookWhetherItEnded();
    }
  } catch (error) {
    if (isCancellation(error)) endAs('cancelled', sentSoFar());
    throw error;
  }
  endAs(ending, sentSoFar());
  return { ending, reminders };

  async function remindInTurn(): Promise<void> {
    let from = 0;
    for (let next = nextOf(from); next !== null && ending === undefined; next = nextOf(from)) {
      const { number, slot } = next;
      if (Date.now() < slot.atMs) {
        await until(slot.atMs, `the reminder ${beforeTheEnd(slot)}`);
        continue;
      }
      const { reminders: before } = calendar;
      await remind(slot);
      from = calendar.reminders === before ? number + 1 : 0;
    }
  }

  function nextOf(from: number): ReturnType<typeof nextReminder> {
    return nextReminder(calendar.reminders, from, Date.now());
  }

  async function remind(slot: ReminderSlot): Promise<void> {
    const { daysBefore, untilMs } = slot;
    const { expiresAtMs, terms } = calendar;
    describe(`the mail server to take the reminder ${beforeTheEnd(slot)}`, untilMs);
    const sent = await unlessChanged(() =>
      sendReminder.executeWithOptions(
        {
          scheduleToCloseTimeout: mailTimeoutMs(untilMs, Date.now()),
          summary: `${beforeTheEnd(slot)}, until ${utcMinute(untilMs)}`,
        },
        [{ portal, accountId, credentialId, expiresAtMs, terms, daysBefore, untilMs, moved: isMoved() }],
      ),
    );
    if (sent !== undefined) take(sent);
  }

  function take(sent: SendReminderResult): void {
    if (sent.outcome === 'end-moved') return followEnd(sent);
    const { outcome } = sent;
    if (outcome === 'rotated' || outcome === 'account-closed') ending ??= outcome;
    if (outcome !== 'delivered') return;
    if (reminders === 0) markStage('reminded');
    reminders += 1;
  }

  function followEnd(moved: EndMoved): void {
    if (moved.calendar === null) ending ??= 'unlimited';
    else calendar = moved.calendar;
  }

  function isMoved(): boolean {
    return calendar.terms?.lifetimeDays !== input.terms?.lifetimeDays;
  }

  /** Waits until `atMs`, or until the password is changed. */
  async function until(atMs: number, waitsFor: string): Promise<void> {
    describe(waitsFor, atMs);
    const summary = `${waitsFor}, ${utcMinute(atMs)}`;
    await unlessChanged(() => sleep(Math.max(1, atMs - Date.now()), { summary }));
  }

  /** The result of `step`; undefined if the password was changed meanwhile, or the step timed out. */
  async function unlessChanged<T>(step: () => Promise<T>): Promise<T | undefined> {
    waiting = new CancellationScope({ cancellable: true });
    try {
      return await waiting.run(step);
    } catch (error) {
      if (isCancellation(error) ? ending === undefined : !(error instanceof ActivityFailure)) throw error;
      return undefined;
    } finally {
      waiting = undefined;
    }
  }

  function onPasswordChanged(): void {
    ending ??= 'rotated';
    waiting?.cancel();
  }

  async function lookWhetherItEnded(): Promise<void> {
    const { credentialStanding: loadStatus } = input.revision === undefined ? localSteps : steps;
    const { expiresAtMs, terms } = calendar;
    const status = await loadStatus({ credentialId, portal, expiresAtMs, terms });
    if (typeof status === 'object') followEnd(status);
    // The signal may have arrived meanwhile.
    else ending ??= status === 'current' ? 'expired' : status;
  }

  function describe(waitsFor: string, untilMs: number): void {
    const facts = { 'Password ends': utcMinute(calendar.expiresAtMs), ...sentSoFar() };
    showDetails({ stage: reminders > 0 ? 'reminded' : 'due', waitsFor, untilMs, facts });
  }

  function sentSoFar(): Readonly<Record<string, number>> {
    return { 'Reminders sent': reminders };
  }
}

const beforeTheEnd = ({ daysBefore }: ReminderSlot): string =>
  `${daysBefore} ${daysBefore === 1 ? 'day' : 'days'} before the end`;
