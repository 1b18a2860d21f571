/** Security questions and answers of the broker portal, wherever they are asked (spec.md 2 and 4). */
import { z } from 'zod';
import { typedText } from '../http/fields';

const MAX_ANSWER_LENGTH = 200;

const typedAnswer = z
  .strictObject({
    questionId: typedText(64).meta({ example: 'first-pet' }),
    answer: typedText(MAX_ANSWER_LENGTH).meta({
      description:
        'Compared without regard to case, quotes, dashes and dots against spaces, and repeated or surrounding spaces.',
      example: 'Rex of the Hill',
    }),
  })
  .meta({ id: 'SecurityAnswer' });

/** Two answers, each with the question it is to; `description` is the document's. */
export const typedAnswers = (
  description: string,
): z.ZodTuple<[typeof typedAnswer, typeof typedAnswer], null> =>
  z.tuple([typedAnswer, typedAnswer]).meta({ description, minItems: 2, maxItems: 2 });

export const askedQuestion = z
  .object({
    id: z.string().meta({ example: 'first-pet' }),
    text: z.string().meta({ example: 'What was the name of your first pet?' }),
  })
  .meta({ id: 'SecurityQuestion', description: 'In the language of `Accept-Language`.' });
