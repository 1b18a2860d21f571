import { loadStackConfig } from './config';
import { createScreen } from './screen';
import { ensureTemporalCli, TemporalCliMissingError } from './temporal-cli';

/** Ensures that the Temporal CLI is there, silently if it already is: `scripts/setup.mjs --with-temporal`. */
async function main(): Promise<void> {
  const { temporalCliPath, env } = loadStackConfig(process.env);
  const nothingToGet = { temporalCliPath, env, log: () => undefined, sources: [] };
  if (await ensureTemporalCli(nothingToGet).catch(() => undefined)) return;
  const screen = createScreen(process.stdout, ['Temporal CLI']);
  await screen.step('Temporal CLI', ({ log, update }) =>
    ensureTemporalCli({ temporalCliPath, env, log, onProgress: update }),
  );
  screen.end();
}

main().catch((error: unknown) => {
  const expected =
    error instanceof TemporalCliMissingError || (error instanceof Error && error.name === 'ConfigError');
  console.error(expected ? (error as Error).message : error);
  process.exit(1);
});
