/** The command of the service temporal-schema, with a temporal-sql-tool of ours: what it does when the tool fails, and when it is stopped. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { until } from '../support/until';
import { interpolate, readComposeFile } from './compose-file';

const { command = [], restart, depends_on: dependsOn } = readComposeFile().services['temporal-schema'] ?? {};

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'tenure-schema-'))));
afterEach(() => rmSync(folder, { recursive: true }));

it('temporal-schema makes both databases and brings them up to date', async () => {
  const { ended, calls } = start('exit 0');

  expect(await ended).toEqual({ code: 0, said: '' });
  expect(calls()).toEqual([
    ...callsFor('temporal', 'temporal'),
    ...callsFor('temporal_visibility', 'visibility'),
  ]);
});

it('temporal-schema survives a PostgreSQL that is away for a while', async () => {
  const { ended, calls } = start('[ $(grep -c . "$CALLS") -gt 10 ]');

  expect(await ended).toEqual({ code: 0, said: '' });
  expect(calls().slice(-3)).toEqual(callsFor('temporal_visibility', 'visibility'));
});

it('temporal-schema ends for good, and says what to do, if the schema cannot be updated', async () => {
  const { ended } = start('[ "$3" != update-schema ]');

  const { code, said } = await ended;

  expect(restart).toBe('no');
  expect(dependsOn).toMatchObject({ postgres: { condition: 'service_healthy' } });
  expect(code).toBe(1);
  expect(said).toContain('DROP DATABASE IF EXISTS temporal');
  expect(said).toContain('backup');
});

it('temporal-schema is stopped only between two calls of the tool', async () => {
  const going = join(folder, 'going');
  const { child, ended, calls } = start(
    `if [ "$3" = update-schema ]; then touch ${going}.begun; while [ ! -e ${going}.on ]; do /bin/sleep 0.02; done; touch ${going}.done; fi`,
  );
  await until(() => existsSync(`${going}.begun`));

  child.kill('SIGTERM');
  writeFileSync(`${going}.on`, '');

  expect((await ended).code).toBe(143);
  expect(existsSync(`${going}.done`)).toBe(true);
  expect(calls()).toEqual(callsFor('temporal', 'temporal'));
});

const callsFor = (database: string, store: string): string[] => [
  `--db ${database} create`,
  `--db ${database} setup-schema -v 0.0`,
  `--db ${database} update-schema -d /etc/temporal/schema/postgresql/v12/${store}/versioned`,
];

/** Runs the command; `tool` is what temporal-sql-tool does with its arguments. Between its tries it does not wait. */
function start(tool: string) {
  const log = join(folder, 'calls');
  const programs = { 'temporal-sql-tool': `echo "$*" >> "$CALLS"\n${tool}`, sleep: 'exit 0' };
  for (const [name, body] of Object.entries(programs)) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${body}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const [program = '', ...words] = command.map((word) => interpolate(word, {}));
  const child = spawn(program, words, {
    env: { PATH: `${folder}${delimiter}${process.env['PATH'] ?? ''}`, CALLS: log },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (said += chunk));
  return {
    child,
    ended: once(child, 'close').then(() => ({ code: child.exitCode, said })),
    calls: () => readFileSync(log, 'utf8').trim().split('\n'),
  };
}
