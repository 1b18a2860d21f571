/** The timing bench's results, compared with the target. */
import type { BenchReport } from './bench';
import { machine } from './support/report-rows';
import { figure, table } from './support/table';

export interface TimedCall {
  readonly title: string;
  /** Status and shape of the answer, the same for all. */
  readonly answered: string;
  readonly existingMs: number;
  readonly inventedMs: number;
  readonly auc: number;
}

export interface TimingFigures {
  /** Of each face. */
  readonly samples: number;
  readonly pauseMs: number;
  /** The 95th percentile of AUCs of equal distributions. */
  readonly band: number;
  readonly calls: readonly TimedCall[];
}

interface CheckedCall extends TimedCall {
  readonly met: boolean;
  readonly withinChance: boolean;
}

const AIM = 0.55;

export function timingReport(figures: TimingFigures): BenchReport {
  const calls = figures.calls.map((call): CheckedCall => ({
    ...call,
    met: call.auc < AIM,
    withinChance: call.auc < figures.band,
  }));
  return {
    page: pageOf(figures, calls),
    figures: { bench: 'timing', machine, aim: AIM, ...figures, calls },
  };
}

function pageOf({ samples, pauseMs, band }: TimingFigures, calls: readonly CheckedCall[]): string {
  const rows = calls.map(({ title, answered, existingMs, inventedMs, auc, met, withinChance }) => [
    title,
    answered.split(' ').slice(0, 2).join(' '),
    figure(existingMs, 2),
    figure(inventedMs, 2),
    auc.toFixed(3),
    met ? 'met' : withinChance ? 'NOT MET, within chance' : 'NOT MET',
  ]);
  return [
    `Can existing people be told from invented ones by time? ${samples} timings of each, in random order, ${pauseMs} ms apart ` +
      `(${machine.cores} cores, Node ${machine.node}, request limits off)`,
    table(
      ['call', 'answered', 'existing, median ms', 'invented, median ms', 'AUC', `aim: under ${AIM}`],
      rows,
    ),
    'AUC: U / (n1 * n2) of a Mann-Whitney test, told as max(AUC, 1 - AUC); 0.5 is chance, 1 is certainty.\n' +
      `With ${samples} of each, two equal distributions stay under ${band.toFixed(3)} in 95 of 100 runs: a call beyond the aim and within ` +
      'that says nothing yet. Run it again, or with more --samples.',
  ].join('\n\n');
}
