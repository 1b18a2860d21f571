/** A short round of `npm run chaos`: a few dozen concurrent people while parts are killed (SIGKILL) and frozen (SIGSTOP). */
import { reportOf } from '../../lab/chaos/report';
import { runRound } from '../../lab/chaos/round';
import type { Strike } from '../../lab/chaos/killer';
import { PART_NAMES } from '../../lab/chaos/parts';

const number = (how: Strike['how'], strikes: readonly Strike[]): number =>
  strikes.filter((strike) => strike.how === how).length;

const quiet = { step: () => {}, update: () => {}, end: () => {} };

it('The system loses nothing and does nothing twice while all its parts are killed or frozen now and then', async () => {
  const round = await runRound({
    seed: 1648,
    flows: 30,
    atATime: 12,
    targets: PART_NAMES,
    cliPath: process.env['TENURE_TEST_TEMPORAL_CLI']!,
    killForMs: 20_000,
    // A busy machine restarts parts more slowly, so fewer are killed in the same time.
    isEnough: (strikes) => number('killed', strikes) > 1 && number('frozen', strikes) > 0,
    // Real clients wait longer: up to a minute until a request lapses whose API process died.
    keyPatienceMs: 2_000,
    thinkMs: 800,
    slow: false,
    progress: quiet,
    signal: AbortSignal.timeout(840_000),
  });
  const { page, sound } = reportOf(round);

  expect({ sound, page: sound ? '' : page }).toEqual({ sound: true, page: '' });
  expect(round.flows).toHaveLength(30);
  expect(number('killed', round.strikes)).toBeGreaterThan(1);
  expect(number('frozen', round.strikes)).toBeGreaterThan(0);
}, 900_000);
