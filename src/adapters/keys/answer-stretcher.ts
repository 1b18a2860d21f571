import { randomBytes } from 'node:crypto';
import { hashRaw } from '@node-rs/argon2';
import type { AnswerStretcher } from '../../ports/keys';
import { foldAnswer } from '../../domain/accounts/security-answers';
import { ARGON2_COST } from './password-hasher';

const SALT_BYTES = 16;

/** Security answers are easier to guess than passwords, so a guess costs the same hash. Works on the thread pool. */
export const answerStretcher: AnswerStretcher = {
  stretch: async (answer, salt, foldVersion) => {
    const stretched = await hashRaw(foldAnswer(answer, foldVersion), {
      ...ARGON2_COST,
      salt: Buffer.from(salt, 'base64url'),
    });
    return stretched.toString('base64url');
  },
  newSalt: () => randomBytes(SALT_BYTES).toString('base64url'),
};
