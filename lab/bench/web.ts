/** Whole recoveries through the pages, beside the same over HTTP. */
import { randomBytes } from 'node:crypto';
import { builtPrograms } from '../stack/parts';
import { freePort } from '../stack/ports';
import { createJsonClient } from '../system/json-client';
import { defineBench } from './bench';
import { runFullReset } from './support/full-reset';
import { forEachAtATime } from './support/measure';
import { importMembers, type BenchMember } from './support/members';
import { PAGES_A_RECOVERY, recoverThroughPages } from './support/through-pages';
import { measureRound, shareOf, summarise, type Round, type Variant } from './support/rounds';
import type { ResetTimes } from './support/steps';
import { untilAtRest } from './support/rest';
import { webReport } from './web-report';

const ROUNDS = 2;
const WARM_UPS = 20;

type Step = keyof ResetTimes;

export const webBench = defineBench({
  name: 'web',
  summary: 'whole recoveries through the pages, beside the same over HTTP',
  withinMinutes: 15,
  options: {
    flows: { usual: 300, least: 2, most: 20_000, means: 'recoveries of each kind whose rate is measured' },
    'at-a-time': { usual: 10, least: 1, most: 200, means: 'recoveries in progress at once' },
    alone: { usual: 40, least: 2, most: 2_000, means: 'recoveries of each kind, one after the other' },
  },
  async run({ stack, progress, options: { flows, alone, 'at-a-time': atATime } }) {
    const { mail, pids, signal } = stack;
    progress.step('importing members');
    const members = await importMembers(stack, 2 * (flows + alone + WARM_UPS));
    const nextMember = (): BenchMember => members.pop()!;

    progress.step('starting the API, the worker and the pages');
    const api = await stack.startApi();
    const worker = await stack.startWorker();
    const port = await freePort();
    const web = await stack.startNode({
      name: 'the pages',
      script: builtPrograms.web,
      env: {
        WEB_PORT: `${port}`,
        LISTEN_HOST: '127.0.0.1',
        API_URL: `http://127.0.0.1:${api.port}`,
        WEB_COOKIE_KEYS: `k1:${randomBytes(32).toString('base64')}`,
        LOG_LEVEL: 'warn',
      },
    });
    const http = createJsonClient(api.port, { keepAlive: true });
    const servers = {
      Temporal: pids.temporal,
      PostgreSQL: pids.postgres,
      API: api.pid,
      worker: worker.pid,
    };
    const variants: readonly Variant<Step>[] = [
      { name: 'http', run: () => runFullReset(http, mail, nextMember()), pids: servers },
      {
        name: 'pages',
        run: () => recoverThroughPages(`http://127.0.0.1:${port}`, mail, nextMember()),
        pids: { ...servers, pages: web.pid },
      },
    ];

    progress.step('warming up');
    const between = () => untilAtRest({ ...servers, pages: web.pid }, progress, signal);
    for (const { run } of variants)
      await forEachAtATime(Array.from({ length: WARM_UPS }), atATime, signal, async () => void (await run()));
    await between();

    const rounds: Round<Step>[] = [];
    for (let number = 1; number <= ROUNDS; number++)
      for (const variant of variants) {
        progress.step(`round ${number} of ${ROUNDS}: ${variant.name}`);
        rounds.push(
          await measureRound(variant, {
            flows: shareOf(flows, ROUNDS, number),
            alone: shareOf(alone, ROUNDS, number),
            atATime,
            signal,
            between,
            onProgress: (detail) => progress.update(detail),
          }),
        );
      }
    http.close();
    const ofVariant = (name: string) => summarise(rounds.filter(({ variant }) => variant === name));
    return webReport({
      http: ofVariant('http'),
      pages: ofVariant('pages'),
      pagesARecovery: PAGES_A_RECOVERY,
      atATime,
      flows,
      alone,
    });
  },
});
