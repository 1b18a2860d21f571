import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeEndpoints } from '../../lab/stack/endpoints';
import { keepKey } from '../../lab/stack/secrets';
import { accountCommand } from '../../src/cli/account';
import { aorCommand } from '../../src/cli/aor';
import { apiKeyCommand } from '../../src/cli/api-key';
import { importCommand } from '../../src/cli/import';
import { endpointsFile, withRunningStack, type Endpoints } from '../../src/cli/running-stack';

const database = 'postgresql://tenure:secret@127.0.0.1:1/tenure';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'tenure-home-'));
});
afterEach(() => rmSync(home, { recursive: true }));

/** As `npm start` tells it. */
const runs = (more: Partial<Endpoints> = {}): Promise<void> =>
  writeEndpoints(endpointsFile(home), {
    web: 'http://127.0.0.1:3080',
    api: 'http://127.0.0.1:3000',
    docs: 'http://127.0.0.1:3000/docs',
    temporal: '127.0.0.1:7233',
    database,
    smtp: 'smtp://127.0.0.1:1025',
    ...more,
  });

function complete(env: NodeJS.ProcessEnv) {
  let said = '';
  const settings = withRunningStack({ TENURE_HOME: home, ...env }, (line) => (said += line));
  return { settings, said };
}

describe('commands without DATABASE_URL', () => {
  it('A command uses database and peppers of the running npm start and says so in one line without secrets', async () => {
    const peppersFile = join(home, 'peppers');
    const peppers = await keepKey(peppersFile);
    await runs({ peppersFile });

    const { settings, said } = complete({ DATABASE_URL: '' });

    expect(settings).toEqual({ TENURE_HOME: home, DATABASE_URL: database, TENURE_PEPPERS: peppers });
    expect(said).toBe(`DATABASE_URL is not set: using the npm start that runs in ${home}.\n`);
  });

  it('A command keeps peppers that it was given, and takes none when npm start was given its own', async () => {
    await keepKey(join(home, 'peppers'));
    await runs();

    expect(complete({ TENURE_PEPPERS: 'k9:given' }).settings['TENURE_PEPPERS']).toBe('k9:given');
    expect(complete({}).settings['TENURE_PEPPERS']).toBeUndefined();
  });

  it.each(['endpoints.json', 'peppers'])(
    'A command refuses %s when other users can read it',
    async (name) => {
      const peppersFile = join(home, 'peppers');
      await keepKey(peppersFile);
      await runs({ peppersFile });
      chmodSync(join(home, name), 0o640);

      expect(() => complete({})).toThrow(`chmod 600 ${join(home, name)}`);
    },
  );

  it('Without a running npm start every command says what to do, after checking its arguments', async () => {
    const env = { TENURE_HOME: home };
    const file = join(home, 'members.csv');
    writeFileSync(file, 'memberId\n');
    const told = async (
      run: (output: { out: () => void; err: (text: string) => void }) => Promise<number>,
    ) => {
      let err = '';
      const code = await run({ out: () => undefined, err: (text) => (err += text) });
      return `${code} ${err}`;
    };
    const id = '00000000-0000-4000-8000-000000000000';

    const answers = await Promise.all([
      told((output) => apiKeyCommand(['list'], env, output, 0)),
      told((output) => accountCommand(['allow-recovery', id, '--reason', 'asked'], env, output, 0)),
      told((output) => aorCommand(['explain', id], env, output, 0)),
      told((output) => importCommand(['members', file], env, { ...output, isTerminal: false })),
    ]);

    expect(new Set(answers)).toEqual(
      new Set([
        `1 DATABASE_URL is not set, and no npm start is ready in ${home}. Start one (npm start), name its home in TENURE_HOME, or set DATABASE_URL (docs/settings.md).\n`,
      ]),
    );
    expect(await told((output) => apiKeyCommand(['make'], env, output, 0))).toMatch(/^1 Usage/);
  });
});

it('A command with DATABASE_URL does not look for a running npm start', async () => {
  await runs();
  const env = { DATABASE_URL: 'postgresql://127.0.0.1/other' };

  expect(complete(env)).toEqual({ settings: { TENURE_HOME: home, ...env }, said: '' });
});
