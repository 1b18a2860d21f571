import { findBroker, proofOfAnswers } from '../../../src/adapters/temporal/reset-people';
import type { ResetKeys } from '../../../src/adapters/temporal/password-reset-run';
import type { AnswerStretcher } from '../../../src/ports/keys';
import type { BrokerForReset } from '../../../src/ports/registration';
import { foldAnswer, type AnswerFoldVersion } from '../../../src/domain/accounts/security-answers';
import { fakeDigests } from '../fakes';
import { portalPolicies } from '../../support/brand';

const stretcher: AnswerStretcher = {
  stretch: async (answer, salt, foldVersion) =>
    `${foldAnswer(answer, foldVersion)}/${salt.length}/${foldVersion}`,
  newSalt: () => '',
};

const keys = { ...fakeDigests, keyedDigest: (text: string) => `digest of ${text}` } as unknown as ResetKeys;

const ids = portalPolicies.broker.securityQuestions.map(({ id }) => id);

const questionsOf = async (
  username: string,
  { seed = 'seed', firstName = 'Ana', lastName = 'Ruiz' } = {},
) => {
  const brokers = { findForReset: async () => null, decoySeed: async () => seed };
  const deps = { keys, brokers, policies: portalPolicies };
  const { page } = await findBroker(deps, { username, firstName, lastName }, 'answers');
  return page.questionIds!;
};

describe('Decoy questions', () => {
  it('Decoy questions are two different questions of the portal', async () => {
    for (let number = 0; number < 200; number++) {
      const [one, other] = await questionsOf(`user${number}`);
      expect(ids).toContain(one);
      expect(ids).toContain(other);
      expect(one).not.toBe(other);
    }
  });

  it('Decoy questions stay the same whatever the names and however the username is typed', async () => {
    const first = await questionsOf('invented.one');

    expect(await questionsOf(' Invented.ONE ', { firstName: 'Bo', lastName: 'Li' })).toEqual(first);
  });

  it('Decoy questions spread over all questions, depending on the username and the seed', async () => {
    const byName = new Set<string>();
    const bySeed = new Set<string>();
    for (let number = 0; number < 200; number++) {
      byName.add((await questionsOf(`user${number}`)).join());
      bySeed.add((await questionsOf('user', { seed: `seed${number}` })).join());
    }

    expect(byName.size).toBe(ids.length * (ids.length - 1));
    expect(bySeed.size).toBeGreaterThan(20);
  });
});

describe('Proof of answers', () => {
  const proof = async (foldVersion: AnswerFoldVersion | null, answer: string): Promise<string> => {
    const account: BrokerForReset | null =
      foldVersion === null
        ? null
        : {
            accountId: 'a',
            username: 'ana',
            firstNameKey: 'ana',
            lastNameKeys: ['ruiz'],
            answers: [{ questionId: 'first-pet', salt: 'salt', stretched: '', foldVersion }],
          };
    const brokers = { findForReset: async () => account, decoySeed: async () => 'seed' };
    const answers = ids.map((questionId) => ({ questionId, answer }));
    return proofOfAnswers({ keys, brokers, stretcher, policies: portalPolicies }, 'ana', answers);
  };

  it('An answer is folded with the version of the stored answer', async () => {
    expect(await proof(2, 'Mrs. O’Malley')).toBe(await proof(2, "mrs o'malley"));
    expect(await proof(1, 'Mrs. O’Malley')).not.toBe(await proof(1, "mrs o'malley"));
    expect(await proof(1, 'Mrs. O’Malley')).toBe(await proof(1, ' MRS.  O’MALLEY'));
  });

  it('An answer to a decoy question is folded and stretched with the newest version', async () => {
    expect(await proof(null, 'Mrs. O’Malley')).toMatch(/^mrs omalley\/\d+\/3\.mrs omalley\/\d+\/3$/);
  });
});
