import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandError } from '../../../lab/stack/command-line';
import { renewOnChange } from '../../../lab/stack/renew-on-change';
import { isSource, type SourceWatch } from '../../../lab/stack/source-watch';
import { until } from '../../support/until';

let folder: string;
let said: string[];
let renewed: (readonly string[])[];
let watching: SourceWatch;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tenure-sources-'));
  mkdirSync(join(folder, 'api'));
  [said, renewed] = [[], []];
});
afterEach(() => {
  watching.stop();
  rmSync(folder, { recursive: true });
});

const change = (path: string): void => writeFileSync(join(folder, path), `// ${Math.random()}\n`);
const hasSaid = (text: string) => until(() => said.some((line) => line.includes(text)));

function watchWith(build: () => Promise<unknown>): void {
  watching = renewOnChange({
    supervisor: { renew: async (names) => renewed.push(names) > 0 },
    screen: { line: (text) => said.push(text) },
    signal: new AbortController().signal,
    folder,
    build,
  });
}

describe('source changes', () => {
  it('A changed source is built, and then pages, API and worker are restarted', async () => {
    let builds = 0;
    watchWith(async () => {
      builds += 1;
      expect(renewed).toEqual([]);
    });

    change('api/routes.ts');
    change('config.ts');
    await hasSaid('restarted with it');

    expect(builds).toBe(1);
    expect(renewed).toEqual([['web', 'api', 'worker']]);
  });

  it('A failed build restarts nothing and shows the compiler’s error, and the next change is built again', async () => {
    let broken = true;
    watchWith(async () => {
      if (broken)
        throw new CommandError('it ended with exit code 1', "api/routes.ts(3,1): Cannot find name 'oops'");
    });

    change('api/routes.ts');
    await hasSaid("Cannot find name 'oops'");
    const renewedBefore = renewed.length;
    broken = false;
    change('api/routes.ts');
    await hasSaid('restarted with it');

    expect(renewedBefore).toBe(0);
    expect(renewed).toHaveLength(1);
    expect(said.join('\n')).toContain('all go on as they were');
  });

  it('A source that changes during a build causes one more build', async () => {
    let builds = 0;
    watchWith(async () => {
      builds += 1;
      if (builds > 1) return;
      change('worker.ts');
      await new Promise((resolve) => setTimeout(resolve, 100));
    });

    change('api/routes.ts');
    await until(() => renewed.length === 2);

    expect(builds).toBe(2);
  });

  it('A source that an editor replaces is noticed each time, and so is one in a new folder', async () => {
    change('api/routes.ts');
    watchWith(async () => undefined);
    const replace = (path: string): void => {
      change(`${path}.new`);
      renameSync(join(folder, `${path}.new`), join(folder, path));
    };
    const isBuilt = (times: number) => until(() => renewed.length === times);

    replace('api/routes.ts');
    await isBuilt(1);
    replace('api/routes.ts');
    await isBuilt(2);
    change('api/routes.ts');
    await isBuilt(3);
    mkdirSync(join(folder, 'session'));
    change('session/routes.ts');
    await isBuilt(4);
    replace('session/routes.ts');
    await isBuilt(5);

    expect(said.filter((line) => line.includes('session/routes.ts changed'))).toHaveLength(2);
  });
});

it.each([
  ['api/routes.ts', true],
  ['domain/portal.ts', true],
  ['adapters/generated/client.ts', false],
  ['api/.routes.ts.swp', false],
  ['api/routes.ts~', false],
])('The changed file %s counts as a source: %s', (path, expected) => {
  watching = { stop: () => undefined };

  expect(isSource(path)).toBe(expected);
});
