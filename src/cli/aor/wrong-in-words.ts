import type { FaultValues, NamedPeriod, Wrong } from '../../domain/plan-change/faults';
import type { Say } from '../../ports/texts';

/** What is wrong with a record, for whoever repairs it. */
export function wrongInWords({ code, values, chain }: Wrong, say: Say): string {
  const what = sentence(code, values, say);
  return chain === undefined ? what : say(`commands.aor.wrong.in.${chain}`, { what });
}

function sentence<Code extends keyof FaultValues>(code: Code, values: FaultValues[Code], say: Say): string {
  const shown = Object.entries(values ?? {}).map(([name, value]: [string, unknown]) => [
    name,
    Array.isArray(value)
      ? periodsInWords(value as readonly NamedPeriod[], say)
      : (value ?? say('commands.aor.wrong.nobody')),
  ]);
  // The values belong to the code, which TypeScript does not follow through the table of texts.
  const sayAny = say as (key: `commands.aor.wrong.${Code}`, values: unknown) => string;
  return sayAny(`commands.aor.wrong.${code}`, Object.fromEntries(shown));
}

const periodsInWords = (periods: readonly NamedPeriod[], say: Say): string =>
  periods
    .map(({ key, from, to }) => {
      const name = key ?? say('commands.aor.wrong.no-key');
      return to === null
        ? say('commands.aor.wrong.from-on', { name, from })
        : say('commands.aor.wrong.from-to', { name, from, to });
    })
    .join(', ');
