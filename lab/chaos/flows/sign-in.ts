/** A member turns two-step verification on, signs in with a code, and turns it off again. */
import { pinIn } from '../../system/mailbox';
import type { Answer, Json } from '../../system/json-client';
import { unexpected, type Visitor } from '../visitor';
import type { World } from '../world';
import type { FlowKind } from './flow';

export const signIn: FlowKind = {
  name: 'sign-in',
  weight: 10,
  async prepare({ world, name }) {
    const { accountId, email, username, password } = await world.stack.addPerson(name);

    return async (visitor) => {
      const enter = async (path: string, token: string, id: string): Promise<Answer> =>
        post(visitor, path, token, { code: await newestCode(visitor, world, email, id) });

      const plain = await visitor.send('POST', '/v1/portals/member/sessions', {
        body: { username, password },
      });
      const { token } = told('signing in', plain.answer, 201);
      const sent = told('turning it on', await post(visitor, '/v1/session/two-step', token), 202);
      told('the first code', await enter('/v1/session/two-step/code', token, sent.id), 200);

      const opened = await post(visitor, '/v1/portals/member/sessions', undefined, { username, password });
      const waiting = told('signing in with a code', opened, 202);
      const path = `/v1/sign-ins/${waiting.id}/code`;
      const session = told('the second code', await enter(path, waiting.token, waiting.id), 201);
      const off = await visitor.send('DELETE', '/v1/session/two-step', {
        token: session.token,
        body: { password },
      });
      told('turning it off', off.answer, 204);
      return {
        outcome: 'turned on, used and off',
        told: [
          { kind: 'two-step', accountId },
          { kind: 'password', portal: 'member', accountId, username, now: password, before: [] },
        ],
      };
    };
  },
};

/** Under one key: another one would be another sign-in, and another code of the five. */
async function post(visitor: Visitor, path: string, token?: string, body?: object): Promise<Answer> {
  const { answer } = await visitor.send('POST', path, {
    ...(token !== undefined && { token }),
    body,
    keepsKey: true,
  });
  return answer;
}

function told(what: string, answer: Answer, status: number): Json {
  if (answer.status !== status) throw unexpected(what, answer);
  return answer.body;
}

/** Somebody who missed the answer for longer than 45 seconds, and asks again, has another code. */
const newestCode = (
  visitor: Visitor,
  { stack, mail }: World,
  email: string,
  signInId: string,
): Promise<string> =>
  visitor.untilThere('the email with the code', async () => {
    const sequence = await stack.database.signInCode.count({ where: { signInId } });
    const mails = await mail.mailbox.mailsTo(email);
    const found = mails.find(({ messageId }) =>
      messageId.startsWith(`<sign-in-code.${signInId}.${sequence}@`),
    );
    return found && pinIn(found);
  });
