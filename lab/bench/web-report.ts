/** The web bench's figures as a page, compared with the targets. */
import type { BenchReport } from './bench';
import { aimLines, machine, onOneServer, type Aim } from './support/report-rows';
import type { Summary } from './support/rounds';
import type { ResetTimes } from './support/steps';
import { figure, table } from './support/table';

export interface WebFigures {
  readonly http: Summary<keyof ResetTimes>;
  readonly pages: Summary<keyof ResetTimes>;
  readonly pagesARecovery: number;
  readonly atATime: number;
  readonly flows: number;
  readonly alone: number;
}

const AIMS = { ofHttpRate: 0.8, cpuMsAPage: 5 };

export function webReport(figures: WebFigures): BenchReport {
  const { http, pages, pagesARecovery } = figures;
  const cpuMsAPage = (pages.cpuMsAFlow['pages'] ?? Number.NaN) / pagesARecovery;
  const ratio = pages.rate / http.rate;
  const aims: readonly Aim[] = [
    {
      aim: `at least ${AIMS.ofHttpRate} of the rate over HTTP`,
      measured: ratio.toFixed(2),
      met: ratio >= AIMS.ofHttpRate,
    },
    {
      aim: `a page with its form under ${AIMS.cpuMsAPage} ms of CPU beside the API`,
      measured: `${figure(cpuMsAPage)} ms`,
      met: cpuMsAPage < AIMS.cpuMsAPage,
    },
  ];
  return {
    page: pageOf(figures, aims),
    figures: { bench: 'web', machine, ...figures, cpuMsAPage, aims },
  };
}

function pageOf({ http, pages, atATime, flows, alone }: WebFigures, aims: readonly Aim[]): string {
  const rows = (name: string, of: (summary: Summary<keyof ResetTimes>) => number) => [
    name,
    figure(of(http)),
    figure(of(pages)),
  ];
  const processes = Object.keys(pages.cpuMsAFlow);
  return [
    `Whole recoveries of members, ${onOneServer}: ${flows} of each kind ${atATime} at a time, ${alone} alone.`,
    '',
    table(
      ['', 'over HTTP', 'pages'],
      [
        rows('a second', ({ rate }) => rate),
        rows('ms, median', ({ busy }) => busy.whole.median),
        rows('ms, p99', ({ busy }) => busy.whole.p99),
        rows('alone, ms, median', ({ alone: times }) => times.whole.median),
        rows('alone, without the wait for the email', ({ alone: times }) => times.answers.median),
        ['', '', ''],
        ...processes.map((name) => rows(`CPU ms: ${name}`, ({ cpuMsAFlow }) => cpuMsAFlow[name] ?? 0)),
        rows('MB: pages', ({ memoryMb }) => memoryMb['pages'] ?? 0),
      ],
    ),
    '',
    aimLines(aims),
  ].join('\n');
}
