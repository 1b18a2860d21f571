import { brandCommand } from '../../src/cli/brand';
import { DEFAULT_FOLDER } from '../../src/adapters/brand/load-brand';
import { freePort } from '../../lab/stack/ports';
import { insertAccount } from '../adapters/postgres/records';
import { brandFolder } from '../support/brand';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
beforeAll(async () => (database = await createTestDatabase()));
afterAll(() => database.drop());

async function run(args: readonly string[], env: NodeJS.ProcessEnv = { DATABASE_URL: database.url }) {
  let out = '';
  let err = '';
  const code = await brandCommand(args, env, {
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

it('brand check accepts the folder in the package, named, in TENURE_BRAND or by default', async () => {
  const accepted = { code: 0, out: `API, worker and pages start with ${DEFAULT_FOLDER}.\n`, err: '' };

  expect(await run(['check', DEFAULT_FOLDER])).toEqual(accepted);
  expect(await run(['check'])).toEqual(accepted);
  expect(await run(['check'], { DATABASE_URL: database.url, TENURE_BRAND: DEFAULT_FOLDER })).toEqual(
    accepted,
  );
});

it('brand check tells every finding with file and line, and exits as API and worker do', async () => {
  const folder = brandFolder({ 'portal.yaml': 'portals:\n  member:\n    pin: { digits: 3 }\n' });

  expect(await run(['check', folder])).toEqual({
    code: 78,
    out: '',
    err:
      `The brand in ${folder} is wrong (docs/branding.md):\n` +
      `  ${folder}/portal.yaml:3: portals.member.pin.digits: expected a whole number from 4 to 9\n`,
  });
});

it.each([
  ['a value that there is not', '{{ b.code(pim) }}', 'it shows a value that there is not'],
  [
    'a macro that there is not',
    '{{ b.kode(pin) }}',
    'Unable to call `b["kode"]`, which is undefined or falsey',
  ],
  ['a filter that there is not', '{{ b.code(pin | shout) }}', 'filter not found: shout'],
])('brand check writes every email, and tells in which template there is %s', async (_what, line, why) => {
  const template = `{% extends layout %}\n{% import blocks as b %}\n{% block body %}\n${line}\n{% endblock %}\n`;
  const folder = brandFolder({ 'email/pin.njk': template });

  const { code, err } = await run(['check', folder]);

  expect(code).toBe(78);
  expect(err.split('\n').slice(1)).toEqual([
    expect.stringMatching(new RegExp(`^  ${folder}/email/pin[.]njk:1: .*cannot be written: `)),
    '',
  ]);
  expect(err).toContain(`cannot be written: ${why}`);
});

it('brand check shows every page, and tells in which view there is what nobody gives', async () => {
  const view = '{% extends "layout.njk" %}\n{% block content %}\n{{ facts.telephone() }}\n{% endblock %}\n';
  const folder = brandFolder({ 'views/help.njk': view });

  const { code, err } = await run(['check', folder]);

  expect(code).toBe(78);
  expect(err.split('\n').slice(1)).toEqual([
    expect.stringMatching(
      new RegExp(
        `^  ${folder}/views/help[.]njk:1: /member/help [(]help[)] in the language "en" cannot be written: `,
      ),
    ),
    '',
  ]);
});

it('brand check accepts the example of another insurer', async () => {
  expect(await run(['check', 'brand/example-mutual'])).toMatchObject({ code: 0, err: '' });
});

it('brand check tells of a question that is gone and that people have answered', async () => {
  const accountId = await insertAccount(database.prisma, { portal: 'broker' });
  await database.prisma.securityAnswer.create({
    data: { accountId, position: 1, questionId: 'first-pet', salt: 's', stretched: 'x' },
  });
  const securityQuestions = ['first-street', 'first-employer', 'first-car'];
  const folder = brandFolder({ 'portal.yaml': { portals: { broker: { securityQuestions } } } });

  const { code, err } = await run(['check', folder]);

  expect(code).toBe(78);
  expect(err).toContain(
    `  ${folder}/portal.yaml:3: portals.broker.securityQuestions: lacks first-pet, which people have answered: put it back\n`,
  );
});

it('brand check tells of terms that read otherwise than when people accepted them', async () => {
  const terms = (text: string) => `---\ndate: 2027-01-01\n---\n\n${text}\n`;
  const folder = brandFolder({
    'portal.yaml': { portals: { broker: { termsVersion: '2027-01' } } },
    'terms/2027-01.en.md': terms('Be kind.'),
    'terms/2027-01.es.md': terms('Sea amable.'),
  });
  const digest = 'of what people accepted';
  await database.prisma.termsText.create({
    data: { version: '2027-01', language: 'es', digest, acceptedAt: new Date() },
  });

  const { code, err } = await run(['check', folder]);

  expect(code).toBe(78);
  expect(err).toContain(
    `  ${folder}/terms/2027-01.es.md:1: is not the text of version 2027-01 that people have accepted`,
  );
});

it('brand check says that it did not look for answers when there is no database', async () => {
  const away = `postgresql://nobody@127.0.0.1:${await freePort()}/none`;

  const without = await run(['check'], { TENURE_HOME: '/nowhere' });
  const unreachable = await run(['check'], { DATABASE_URL: away });

  expect(without).toMatchObject({ code: 0, err: expect.stringContaining('was not looked at') });
  expect(unreachable).toMatchObject({ code: 0, err: expect.stringContaining('cannot be reached') });
});

it.each([
  [[]],
  [['show']],
  [['check', 'a', 'b']],
  [['check', '--port', '80']],
  [['preview', '--port', 'any']],
  [['preview', '--port', '65536']],
  [['preview', '--colour']],
])('brand %j tells its usage', async (args) => {
  expect(await run(args)).toEqual({
    code: 1,
    out: '',
    err: expect.stringContaining('npm run brand -- check'),
  });
});

it.each(['check', 'preview'])('brand %s refuses a folder that is not there', async (name) => {
  expect(await run([name, '/nowhere/brand'])).toMatchObject({
    code: 1,
    err: 'TENURE_BRAND: there is no folder /nowhere/brand\n',
  });
});
