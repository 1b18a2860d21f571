/** One run: images, what happens in containers, back to nothing, the alert rules and the report. */
import { join } from 'node:path';
import { ensureTemporalCli } from '../stack/embedded';
import { testAlertRules } from './alert-rules';
import type { Checks } from './checks';
import { isWell, openCompose, writeSettings, type Compose } from './compose';
import type { Engine } from './engine';
import { describeImages, getImages } from './images';
import { writeReport } from './report';
import { useTenure } from './scenario';
import { baseImage } from './stand-ins';
import { imagesLeft, listImages, projectsLeft, removeImages, type Traces } from './traces';

export interface RunOptions {
  readonly engine: Engine;
  /** A folder for what is kept between runs. */
  readonly home: string;
  /** Whether images stay for the next run. */
  readonly keep: boolean;
  readonly report: boolean;
  readonly checks: Checks;
  readonly say: (line: string) => void;
  readonly signal: AbortSignal;
}

/** Throws unless everything is as expected; takes down what it brought up in any case. */
export async function runContainers(options: RunOptions): Promise<void> {
  const { engine, home, keep, report, checks, say, signal } = options;
  const builds = { env: process.env, home, say, signal };
  const settings = join(home, 'settings.env');
  await writeSettings(settings);
  const compose = await checks.step('Finding Compose, or building it', () =>
    openCompose(engine, settings, builds),
  );
  say(`${engine.about}, ${compose.about}`);
  // What a run left that was itself killed.
  await compose.down();
  const names = [await baseImage(), ...compose.images];
  const traces: Traces = {
    before: await listImages(engine),
    ownImage: compose.ownImage,
    images: names,
    keep,
  };

  const images = await (async () => {
    try {
      await checks.step('Getting images', async () => {
        const temporalCli = await ensureTemporalCli({ env: process.env, log: say, signal });
        await getImages(names, { ...builds, engine, temporalCli });
      });
      await useTenure({ compose, engine, checks, signal });
      return await describeImages(engine, [compose.ownImage, ...names]);
    } catch (error) {
      if (!signal.aborted) say(await logsOf(compose).catch(() => 'There are no logs.'));
      throw error;
    } finally {
      await checks.step('Taking everything down', async () => {
        await compose.down();
        await removeImages(engine, traces);
      });
    }
  })();
  for (const kind of ['container', 'volume', 'network'] as const)
    checks.expect(`no ${kind} is left`, await projectsLeft(engine, kind), []);
  const left = (await imagesLeft(engine, traces)).map(([, name]) => name);
  checks.expect(keep ? 'Tenure’s image is not left' : 'no image is left that was not there before', left, []);
  const promtool = await checks.step('Testing the alert rules', () =>
    testAlertRules(compose.prometheusImage.split(':v')[1] ?? '', builds),
  );
  const versions = [engine.about, compose.about, promtool, `Node.js ${process.versions.node}`];
  if (report) await writeReport({ versions, images, steps: checks.steps, checks: checks.passed() });
  say(`All ${checks.passed()} checks passed.`);
}

/** The last lines of what is not as it should be, or of Tenure's own processes. */
async function logsOf(compose: Compose): Promise<string> {
  const ill = (await compose.containers()).filter((each) => !isWell(each)).map(({ service }) => service);
  const services = ill.length === 0 ? ['api', 'web', 'worker'] : ill;
  return compose.run(['logs', '--no-color', '--tail', '20', ...services], { signal: undefined });
}
