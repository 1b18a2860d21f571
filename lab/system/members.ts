/** Members, and their actions on the portal's pages. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import type { Client } from '@temporalio/client';
import type { Keyring } from '../../src/adapters/keys/keyring';
import type { Database } from '../../src/adapters/postgres/database';
import { passwordResetId } from '../../src/contracts/workflow-ids';
import { foldEmail, foldUsername } from '../../src/domain/accounts/text';
import { until } from '../stack/wait-until';
import type { Answer, Call } from './json-client';
import { ResetPage } from './reset-page';
import { secret } from './secrets';

export interface Person {
  readonly accountId: string;
  readonly email: string;
  readonly username: string;
  readonly firstName: string;
  readonly password: string;
}

/** Long enough for a process to be killed before the next try. */
const NOT_DUE_MS = 300;

/** A password that the member portal accepts. */
export const newPassword = (): string => secret(`Nw4${randomBytes(4).toString('hex')}`);

interface Portal {
  readonly call: Call;
  readonly client: Client;
  readonly database: Database;
  readonly keyring: Keyring;
}

/** The actions of members on the member portal, and their results. */
export function createMembers({ call, client, database, keyring }: Portal) {
  const tryToOpenReset = (email: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
    call('POST', '/v1/portals/member/password-resets', { body: { email }, headers });

  return {
    tryToOpenReset,

    /** A member with a password. `name` makes the fixtures distinct and easy to find. */
    async addPerson(name: string, { language = 'en' }: { language?: string } = {}): Promise<Person> {
      const person = {
        accountId: randomUUID(),
        email: secret(`${name}.lopez@example.com`),
        username: secret(`${name}.User7`),
        firstName: secret(`Firstof${name}`),
        lastName: secret(`Lastof${name}`),
        password: secret(`Od4${randomBytes(4).toString('hex')}`),
      };
      const { accountId, email, username, firstName, lastName, password } = person;
      await database.account.create({
        data: {
          id: accountId,
          portal: 'member',
          username,
          usernameKey: foldUsername(username),
          email,
          emailKey: foldEmail(email),
          firstName,
          lastName,
          language,
          credentials: {
            create: {
              id: randomUUID(),
              hash: await hash(password, { memoryCost: 19_456, timeCost: 2, parallelism: 1 }),
              setAt: new Date(Date.now() - 86_400_000),
            },
          },
        },
      });
      return person;
    },

    signIn: (username: string, password: string): Promise<Answer> =>
      call('POST', '/v1/portals/member/sessions', { body: { username, password } }),

    /** The first page of a reset; throws unless it was opened. */
    async openReset(email: string): Promise<ResetPage> {
      const opening = await tryToOpenReset(email);
      if (opening.status !== 202) throw new Error(`not opened: ${JSON.stringify(opening.body)}`);
      return new ResetPage(call, opening);
    },

    resetRunId: (email: string): string =>
      passwordResetId('member', keyring.subjectKey(keyring.currentId, 'member', foldEmail(email))),

    /** Waits until the run's email was tried in vain and its next try is not due yet: no worker is processing it. */
    untilMailWaits: (workflowId: string): Promise<void> =>
      until(async () => {
        const { raw } = await client.workflow.getHandle(workflowId).describe();
        const [mailing] = raw.pendingActivities ?? [];
        const nextTryMs = Number(mailing?.nextAttemptScheduleTime?.seconds ?? 0) * 1000;
        return (mailing?.attempt ?? 0) > 1 && nextTryMs > Date.now() + NOT_DUE_MS;
      }),

    credentialsOf: (person: Person) =>
      database.credential.findMany({ where: { accountId: person.accountId }, orderBy: { setAt: 'asc' } }),
  };
}
