import { hash } from '@node-rs/argon2';
import { answerStretcher } from '../../../src/adapters/keys/answer-stretcher';

const { stretch, newSalt } = answerStretcher;

it('stretch gives the same result for the same answer and salt, regardless of case and spacing', async () => {
  const salt = newSalt();

  const stretched = await stretch('Elm Street', salt, 2);

  expect(stretched).toMatch(/^[\w-]{43}$/);
  expect(await stretch('  ELM   street ', salt, 2)).toBe(stretched);
});

it('stretch folds an answer by the version that the answer was made with', async () => {
  const salt = newSalt();

  expect(await stretch('Mrs. O’Malley', salt, 2)).toBe(await stretch("mrs o'malley", salt, 2));
  expect(await stretch('Mrs. O’Malley', salt, 1)).not.toBe(await stretch("mrs o'malley", salt, 1));
  expect(await stretch('Mrs.  O’MALLEY', salt, 1)).toBe(await stretch('mrs. o’malley', salt, 1));
});

it('stretch gives a different result for another answer or another salt', async () => {
  const salt = newSalt();
  const stretched = await stretch('Elm Street', salt, 2);

  expect(await stretch('Oak Street', salt, 2)).not.toBe(stretched);
  expect(await stretch('Elm Street', newSalt(), 2)).not.toBe(stretched);
});

it('stretch uses argon2id with the cost of a password hash', async () => {
  const salt = newSalt();
  const options = { memoryCost: 19_456, timeCost: 2, parallelism: 1, salt: Buffer.from(salt, 'base64url') };
  const encoded = await hash('elm street', options);

  expect(encoded).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await stretch('Elm Street', salt, 2)).toBe(
    Buffer.from(encoded.split('$').at(-1)!, 'base64').toString('base64url'),
  );
});

it('newSalt returns 128 random bits', () => {
  const salts = new Set(Array.from({ length: 100 }, newSalt));

  expect(salts.size).toBe(100);
  for (const salt of salts) expect(salt).toMatch(/^[\w-]{22}$/);
});
