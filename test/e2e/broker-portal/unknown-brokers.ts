/** People who are not registered: they get the same answers as those who are. */
import { secret } from '../../../lab/system/secrets';
import {
  changePassword,
  newBroker,
  newBrokerPassword,
  openReset,
  remind,
  signIn,
  verify,
  type Broker,
} from '../../../lab/system/brokers';
import type { Answer } from '../../../lab/system/json-client';
import { codeOf, enrolled, faceOf, stack, wrongAnswers } from './brokers';

describe('unknown brokers', () => {
  it('An unknown broker gets the same statuses, headers and keys as a known one at every step', async () => {
    const known = await enrolled('zacharietta');
    const invented = newBroker('adalbertina');
    const otherNames = { ...newBroker('bonaventura'), username: known.username };
    const faces = async (broker: Broker): Promise<Answer[]> => {
      const page = await openReset(stack, broker);
      const answers = page.opening.body.questions.map(({ id }: { id: string }) => ({
        questionId: id,
        answer: broker.answers[0]!.answer,
      }));
      const wrong = wrongAnswers({ ...broker, answers });
      const joined = await openReset(stack, broker);
      const { agentNumber, firstName, email } = broker;
      const lastName = secret('Nosuchname');
      return [
        page.opening,
        await page.look(),
        await page.choose('Abcd4567_'),
        await page.submitAnswers(wrong),
        joined.opening,
        await joined.submitAnswers([answers[0]!, wrong[1]!]),
        await page.look(),
        await page.submitAnswers(wrong),
        await page.submitAnswers(answers),
        await joined.look(),
        await joined.cancel(),
        await signIn(stack, { ...broker, password: secret('Wrong4_word') }),
        await signIn(stack, { ...broker, password: secret('Wrong4_word') }, 'express-app'),
        await changePassword(stack, { ...broker, password: secret('Wrong4_word') }, newBrokerPassword()),
        await verify(stack, { ...broker, lastName }),
        await remind(stack, { firstName, lastName, agentNumber }),
        await remind(stack, { firstName, lastName, notAnAgent: true, email }),
      ];
    };

    const answers = await faces(known);
    const unknown = await faces(invented);
    const misnamed = await faces(otherNames);

    expect(answers.map(codeOf)).toEqual(
      expect.arrayContaining([
        '202 answers',
        '422 answers_wrong',
        '429 reset_exhausted',
        '401 credentials_wrong',
        '422 access_code_refused',
        '404 no_match',
      ]),
    );
    expect(unknown.map(faceOf)).toEqual(answers.map(faceOf));
    expect(misnamed.map(faceOf)).toEqual(answers.map(faceOf));
    const mails = await stack.mailbox.mailsTo(known.email);
    expect(mails.filter(({ messageId }) => !messageId.startsWith('<account-registered.'))).toEqual([]);
    expect(await stack.mailbox.mailsTo(invented.email)).toEqual([]);
  });

  it('An unknown broker is asked the same two questions each time, whatever names come with the username', async () => {
    const [one, other] = [newBroker('clementinja'), newBroker('dorotheanna')];
    const asked = async (broker: Broker): Promise<unknown> => {
      const { opening } = await openReset(stack, broker);
      return opening.body.questions;
    };

    const questions = await asked(one);

    expect(questions).toHaveLength(2);
    expect(await asked(one)).toEqual(questions);
    expect(await asked({ ...other, username: one.username.toUpperCase() })).toEqual(questions);
  });

  it('A known broker’s answers prove nothing under another name', async () => {
    const known = await enrolled('emmerentia');
    const page = await openReset(stack, { ...known, firstName: 'Somebody' });

    const guess = await page.submitAnswers(known.answers);

    expect(codeOf(guess)).toBe('422 answers_wrong');
  });
});
