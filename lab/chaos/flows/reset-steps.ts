/** The pages of a reset, for people whose connections may break. */
import { portalPolicies } from '../../system/brand';
import type { Answer, Json } from '../../system/json-client';
import { FlowStuck, said, unexpected, type Visitor } from '../visitor';

/** Tries per PIN, and for the answers. */
const GUESSES = portalPolicies.member.resetLimits.guessesPerPin;

export interface OpenedReset {
  readonly id: string;
  readonly token: string;
  /** Requested more than once, so another page of the same person may have it too. */
  readonly unsure: boolean;
}

export async function open(visitor: Visitor, portal: string, body: object): Promise<OpenedReset> {
  const { answer, unsure } = await visitor.send('POST', `/v1/portals/${portal}/password-resets`, { body });
  if (answer.status !== 202) throw unexpected('opening', answer);
  return { id: answer.body.id, token: answer.body.token, unsure };
}

export const pathOf = ({ id }: OpenedReset, step = ''): string => `/v1/password-resets/${id}${step}`;

export async function look(visitor: Visitor, reset: OpenedReset): Promise<Json> {
  const { answer } = await visitor.send('GET', pathOf(reset), { token: reset.token });
  if (answer.status !== 200) throw unexpected('looking at the reset', answer);
  return answer.body;
}

/** A wrong guess, sent once: nobody retries a wrong guess. */
export async function guessWrong(
  visitor: Visitor,
  reset: OpenedReset,
  step: string,
  body: object,
): Promise<void> {
  const answer = await visitor.once('POST', pathOf(reset, step), { token: reset.token, body });
  if (answer !== null && answer.status !== 422) throw unexpected('a wrong guess', answer);
  if (answer === null && (await look(visitor, reset)).triesLeft < GUESSES)
    visitor.doneAfterAll('wrong guess');
}

export async function prove(
  visitor: Visitor,
  reset: OpenedReset,
  step: string,
  body: object,
): Promise<Answer> {
  const { answer } = await visitor.send('POST', pathOf(reset, step), { token: reset.token, body });
  return answer;
}

/** Chooses the password, checks the state after each missing answer, until the reset is completed. */
export const choose = (visitor: Visitor, reset: OpenedReset, password: string): Promise<Json> =>
  finish(visitor, reset, 'completed', '/password', { password, confirmation: password });

export const showUsername = (visitor: Visitor, reset: OpenedReset): Promise<Json> =>
  finish(visitor, reset, 'username-shown', '/username');

async function finish(
  visitor: Visitor,
  reset: OpenedReset,
  ending: string,
  step: string,
  body?: object,
): Promise<Json> {
  for (let tried = 0; ; tried++) {
    const answer = await visitor.once('POST', pathOf(reset, step), { token: reset.token, body });
    if (answer?.status === 200 && answer.body.stage === ending) return answer.body;
    const seen = await look(visitor, reset);
    if (seen.stage === ending) {
      visitor.doneAfterAll(`reset ${ending}`);
      return seen;
    }
    if (seen.stage !== 'password') throw new FlowStuck(`a proved reset is at ${seen.stage}`);
    if (answer !== null && answer.body?.code !== 'password_not_kept')
      throw new FlowStuck(`${ending} was answered ${said(answer)}`);
    await visitor.pause(tried, ending);
  }
}
