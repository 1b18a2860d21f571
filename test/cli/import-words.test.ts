/** What `npm run import` tells people, in the language of their environment; and that every refusal is a text of the catalogs. */
import { randomBytes } from 'node:crypto';
import { readReason, reasonInWords } from '../../src/adapters/rosters/reason';
import { rosterKinds } from '../../src/adapters/rosters/registry';
import { brand } from '../support/brand';
import { AGENTS_HEADER, HEADER, useImportCommand } from './roster-command';

const { importing, run, memberIds } = useImportCommand();

const spanish = { lang: 'es_MX.UTF-8' };

it('An import is told in Spanish: refused lines, what was ignored, and what was counted', async () => {
  const lines = [
    'M1,anna,a@example.com,A,B,en,',
    'M2,bea,nobody,B,B,fr,',
    'M1,other,o@example.com,O,O,en,',
    ',,,,,,',
  ];

  const result = await importing([`${HEADER},`, ...lines, 'M3,"x'].join('\n'), spanish);

  expect(result.err).toBe(
    'línea 3: email: no es una dirección de correo electrónico\n' +
      'línea 3: language: no es ninguno de en, es\n' +
      'línea 4: memberId: ya está en la línea 2\n' +
      'línea 6: sus comillas no coinciden\n',
  );
  expect(result.summary.split('\n')).toEqual([
    expect.stringMatching(/^1 creadas, 0 actualizadas, 0 sin cambios, 3 rechazadas/),
    'se pasó por alto: 1 fila vacía, 1 columna vacía a la derecha',
  ]);
  expect(await memberIds()).toEqual(['M1']);
});

it.each([
  [
    'no header line',
    'M1,anna,a@example.com,A,B,en',
    'No tiene ninguna de ellas: ¿falta la línea de encabezado?',
  ],
  [
    'a header line with faults',
    `${HEADER.replace('email', 'correo')},username\nM1`,
    'En la línea de encabezado (línea 1) falta "email", y hay 1 columna desconocida, y se repite "username".',
  ],
  ['nothing', '', 'está vacío: ni siquiera tiene una línea de encabezado.'],
  [
    'a workbook',
    'PK\0\0',
    'no es texto en UTF-8. Parece UTF-16, un libro de Excel (.xlsx) u otro archivo binario.',
  ],
  ['a header line alone', HEADER, 'tiene una línea de encabezado y nada debajo.'],
])('A file with %s is refused in Spanish, and nothing of it is repeated', async (_what, content, told) => {
  const { code, err } = await importing(content, spanish);

  expect(code).toBe(1);
  expect(err).toContain(told);
  expect(err).not.toMatch(/anna|correo\b.*"correo"/);
});

it('What is no file, and a database that is away, are told in Spanish', async () => {
  const away = 'postgresql://127.0.0.1:1/nothing';

  expect((await run(['members', '/nowhere.csv'], spanish)).err).toBe('No existe el archivo /nowhere.csv.\n');
  expect((await importing(HEADER, { ...spanish, databaseUrl: away })).err).toMatch(
    /^La importación falló y no se importó nada: .*ECONNREFUSED/,
  );
  expect((await run(['nobody', 'x.csv'], spanish)).err).toContain('No hay listas del tipo "nobody"');
});

it('Progress is drawn in Spanish', async () => {
  const lines = Array.from(
    { length: 3000 },
    (_, index) => `M${index},u${index},u${index}@example.com,A,B,en`,
  );

  const { err } = await importing([HEADER, ...lines].join('\n'), { ...spanish, isTerminal: true });

  expect(err).toMatch(/(?:leyendo|escribiendo) +\d+ % {2}\d+ líneas {2}\d+ líneas\/s/);
});

it('A secret of a refused line is repeated in no language', async () => {
  const peppers = `2026:${randomBytes(32).toString('base64')}`;
  const line = 'AB123,agent,,O’Dwyer,,,98765x,nobody,tomorrow,Sterling Life,';

  const { err } = await importing([AGENTS_HEADER, line].join('\n'), { ...spanish, peppers }, 'agents');

  expect(err).toContain('línea 2: ssnLast6: no son seis dígitos\n');
  expect(err).toContain('línea 2: welcomedOn: no es una fecha como 2026-01-31\n');
  expect(err).not.toMatch(/98765x|nobody|tomorrow|Dwyer/);
});

describe.each(rosterKinds(brand.languages).map((kind) => [kind.kind, kind] as const))(
  'the %s roster',
  (_name, { schema, columns }) => {
    it.each([
      ['nothing', ''],
      ['a control character', 'a\0'],
      ['too much', 'x'.repeat(500)],
      ['something else', '#'],
      ['a reserved number', 'SYS1'],
    ])('has a text in every language for each field with %s', (_what, value) => {
      const parsed = schema.safeParse(Object.fromEntries(columns.map((column) => [column, value])));

      const issues = parsed.error?.issues ?? [];
      expect(issues.length).toBeGreaterThan(0);
      for (const { message } of issues)
        for (const language of brand.languages)
          expect(reasonInWords(readReason(message), language, brand.texts)).toMatch(/^[a-z].*[^.]$/);
    });
  },
);
