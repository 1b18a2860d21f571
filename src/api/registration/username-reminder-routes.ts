/** A broker's forgotten username (spec.md 5). */
import { remindBody, remindedUsername } from './schemas';
import { foldAgentNumber, foldLastName, foldName } from '../../domain/accounts/names';
import { foldEmail } from '../../domain/accounts/text';
import { audited } from '../http/audited';
import type { ApiDeps } from '../deps';
import { countingGuesses } from '../http/guesses';
import type { FoundUsername } from '../../ports/registration';
import { AppError } from '../http/problems';
import { defineRoute, type Route } from '../http/route';

type ReminderDeps = Pick<ApiDeps, 'brokers' | 'notices' | 'limiter' | 'audit' | 'clock'>;

/** `POST /v1/portals/broker/username-reminders`. */
export function usernameReminderRoutes(deps: ReminderDeps): Route[] {
  const { brokers, notices, limiter, clock } = deps;
  return [
    defineRoute({
      method: 'post',
      path: '/v1/portals/broker/username-reminders',
      tag: 'Broker accounts',
      summary: 'Look up a forgotten username',
      description:
        'By both names and the agent number; people who are not agents say so and give their email address. The owner ' +
        'of the account is notified by email.',
      limits: ['username-reminders'],
      body: remindBody,
      responses: { 200: remindedUsername },
      problems: ['no_match'],
      handle: ({ body, address, networkKeys, operation }) =>
        audited(
          deps,
          { accepted: 'username-reminded', refused: 'username-reminder-refused', address },
          async (subject) => {
            const names = {
              firstNameKey: foldName(body.firstName),
              lastNameKey: foldLastName(body.lastName),
            };
            const find = (): Promise<FoundUsername | null> =>
              body.notAnAgent
                ? brokers.findUsernameByEmail({ ...names, emailKey: foldEmail(body.email) })
                : brokers.findUsernameOfAgent({ ...names, agentKey: foldAgentNumber(body.agentNumber) });
            const guess = { kind: 'usernames', networkKeys } as const;
            const found = await countingGuesses(limiter, guess, find, (match) => match === null);
            if (!found) throw new AppError('no_match');

            const { accountId, username } = found;
            const reminderId = operation.idFor('reminder');
            subject.accountId = accountId;
            subject.key = `username-reminded:${reminderId}`;
            // Before the answer: the owner must be notified.
            await notices.announceUsernameReminded({ accountId, reminderId, atMs: clock() });
            return { status: 200, body: { username } };
          },
        ),
    }),
  ];
}
