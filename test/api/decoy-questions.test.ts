import { findBroker } from '../../src/api/starters/reset-people';
import { portalPolicies } from '../../src/domain/portal';

const ids = portalPolicies.broker.securityQuestions.map(({ id }) => id);

const questionsOf = async (
  username: string,
  { seed = 'seed', firstName = 'Ana', lastName = 'Ruiz' } = {},
) => {
  const brokers = { findForReset: async () => null, decoySeed: async () => seed };
  const { page } = await findBroker(brokers, { username, firstName, lastName });
  return page.questionIds!;
};

describe('the questions of a username that nobody has', () => {
  it('are two different ones of the portal', async () => {
    for (let number = 0; number < 200; number++) {
      const [one, other] = await questionsOf(`user${number}`);
      expect(ids).toContain(one);
      expect(ids).toContain(other);
      expect(one).not.toBe(other);
    }
  });

  it('stay the same, whatever names come with it and however it is typed', async () => {
    const first = await questionsOf('invented.one');

    expect(await questionsOf(' Invented.ONE ', { firstName: 'Bo', lastName: 'Li' })).toEqual(first);
  });

  it('spread over all questions, by the username and the seed', async () => {
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
