/** A person's actions in a browser, with a front end's patience. */
import { randomUUID } from 'node:crypto';
import { until } from '../stack/wait-until';
import type { Answer, Call } from './json-client';

/**
 * Sends it again while the answer is 503, as front ends do on a busy machine. Throws unless that answer has the standard form
 * with the time to come back.
 */
export async function patiently(send: () => Promise<Answer>): Promise<Answer> {
  let answer: Answer | undefined;
  await until(async () => {
    answer = await send();
    if (answer.status === 503) requireUnavailable(answer);
    return answer.status !== 503;
  });
  return answer!;
}

/** Throws unless it is the standard "come back later" answer. */
export function requireUnavailable({ status, headers, body }: Answer): void {
  const type = headers.get('content-type') ?? '';
  const seconds = Number(headers.get('retry-after'));
  const isSound = status === 503 && body?.code === 'unavailable' && seconds > 0;
  if (!isSound || !type.includes('application/problem+json'))
    throw new Error(`not to come back later: ${status} ${body?.code}, ${type}, after ${seconds} s`);
}

/** A page with a reset and the person's actions on it; each step is retried under one key. */
export class ResetPage {
  readonly id: string;
  readonly token: string;

  constructor(
    private readonly call: Call,
    readonly opening: Answer,
  ) {
    this.id = opening.body.id;
    this.token = opening.body.token;
  }

  look = (): Promise<Answer> => this.#send('GET', '');
  submitPin = (pin: string): Promise<Answer> => this.#send('POST', '/pin', { pin });
  submitAnswers = (answers: readonly object[]): Promise<Answer> =>
    this.#send('POST', '/answers', { answers });
  resend = (): Promise<Answer> => this.#send('POST', '/resend');
  choose = (password: string): Promise<Answer> =>
    this.#send('POST', '/password', { password, confirmation: password });
  showUsername = (): Promise<Answer> => this.#send('POST', '/username');
  cancel = (): Promise<Answer> => this.#send('DELETE', '');

  /** Sent once, whatever the answer is. */
  chooseOnce = (password: string): Promise<Answer> =>
    this.#sendOnce('POST', '/password', { password, confirmation: password });

  #send(method: string, step: string, body?: unknown): Promise<Answer> {
    const headers = { 'idempotency-key': randomUUID() };
    return patiently(() => this.#sendOnce(method, step, body, headers));
  }

  #sendOnce(method: string, step: string, body?: unknown, headers = {}): Promise<Answer> {
    return this.call(method, `/v1/password-resets/${this.id}${step}`, { token: this.token, body, headers });
  }
}
