/** A round's result: a page for people, and JSON for programs. */
import { median } from '../bench/support/measure';
import { table } from '../bench/support/table';
import { grouped } from './findings';
import type { RoundFigures } from './round';

/** More would not help on a page; the JSON has all. */
const SHOWN = 40;

export interface Report {
  readonly page: string;
  readonly figures: object;
  /** Nothing was lost or done twice, and nothing else is wrong. */
  readonly sound: boolean;
}

export function reportOf(round: RoundFigures): Report {
  const { losses, duplicates, violations, counts, copies } = round.findings;
  const { doneAfterAll, wrong: _wrong, ...troubles } = round.troubles;
  const flows = [...grouped(round.flows, ({ kind, outcome }) => `${kind}: ${outcome}`)].toSorted(
    ([a], [b]) => (a < b ? -1 : 1),
  );
  const wrong = { losses, duplicates, violations };
  const sound = Object.values(wrong).every(({ length }) => length === 0);
  const seconds = (ms: number): string => (ms / 1000).toFixed(1);

  const figures = {
    seed: round.seed,
    flows: Object.fromEntries(flows.map(([name, { length }]) => [name, length])),
    unit: round.unit,
    parts: Object.fromEntries(round.parts),
    strikes: round.strikes,
    clients: { ...troubles, doneAfterAll: Object.fromEntries(doneAfterAll) },
    counts,
    copies,
    seconds: {
      killing: round.killedForMs / 1000,
      settling: round.settledMs / 1000,
      whole: round.wholeMs / 1000,
    },
    ...wrong,
    sound,
  };

  const kills = table(
    ['part', 'killed', 'frozen', 'down s', 'longest', 'ended alone', 'starts in vain'],
    [...round.parts].map(([name, part]) => [
      ...[name, String(part.kills), String(part.freezes)],
      ...[seconds(part.downMs), seconds(part.longestDownMs)],
      ...[String(part.endedAlone), String(part.failedStarts)],
    ]),
  );
  const done = table(
    ['flows', 'number', 'median s', 'longest'],
    flows.map(([name, each]) => {
      const ms = each.map((flow) => flow.ms);
      return [name, String(each.length), seconds(median(ms)), seconds(Math.max(...ms))];
    }),
  );
  const met = table(
    ['clients met', 'times'],
    [
      ...Object.entries(troubles).map(([name, times]) => [words(name), String(times)]),
      ...[...doneAfterAll].map(([what, times]) => [`done after all: ${what}`, String(times)]),
      ...Object.entries(round.unit).map(([name, times]) => [`the unit: ${words(name)}`, String(times)]),
    ],
  );
  const found = table(
    ['found', 'number'],
    Object.entries(counts).map(([name, number]) => [name, String(number)]),
  );
  const bad = Object.entries(wrong).map(([name, each]) =>
    [`${name}: ${each.length}`, ...each.slice(0, SHOWN).map((line) => `  ${line}`)].join('\n'),
  );
  const page = [
    `seed ${round.seed}: ${round.flows.length} flows in ${seconds(round.killedForMs)} s, settled after ${seconds(round.settledMs)} s`,
    ...[done, kills, met, found, bad.join('\n')],
  ].join('\n\n');
  return { page, figures, sound };
}

/** `connectionsLost` as words. */
const words = (name: string): string => name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
