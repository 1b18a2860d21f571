/** What commands tell people, in the language of their environment. */
import { randomUUID } from 'node:crypto';
import { accountCommand } from '../../src/cli/account';
import { aorCommand } from '../../src/cli/aor';
import { apiKeyCommand } from '../../src/cli/api-key';
import { DAY_MS, MINUTE_MS } from '../../src/domain/time';
import {
  FROM,
  NEW_PLAN,
  OLD_PLAN,
  apiKeyId,
  database,
  eligible,
  ready,
  record,
  terminated,
  withDecisions,
} from '../adapters/postgres/aor-decision-database';
import { NOW_MS, insertEligibleAgent, insertPlanChange } from '../adapters/postgres/records';
import { planChangeLine } from '../support/brand';

withDecisions();
beforeAll(async () => {
  for (const agentNumber of ['B-10', 'B-20']) await insertEligibleAgent(database.prisma, { agentNumber });
});

const SPANISH = { LANG: 'es_MX.UTF-8' };

async function run(
  command: typeof aorCommand | typeof accountCommand,
  args: readonly string[],
  locale: NodeJS.ProcessEnv = SPANISH,
): Promise<string> {
  let told = '';
  const tell = (text: string) => (told += text);
  const env = { DATABASE_URL: database.url, TENURE_OPERATOR: 'ana', ...locale };
  await command(args, env, { out: tell, err: tell }, NOW_MS + DAY_MS);
  return told;
}

/** So late that no email is under way any more. */
async function runLate(args: readonly string[]): Promise<string> {
  let told = '';
  const tell = (text: string) => (told += text);
  const env = { DATABASE_URL: database.url, TENURE_OPERATOR: 'ana', ...SPANISH };
  await aorCommand(args, env, { out: tell, err: tell }, NOW_MS + 60 * DAY_MS);
  return told;
}

/** A change by another agent, B20, which the unit's next one for the same day replaced. */
async function replaced() {
  const first = await ready({
    original: terminated('B10'),
    facilitator: eligible('B20'),
    channel: 'external-agent-application',
  });
  const { customerId } = first;
  await record(first.input);
  const second = await ready({ customerId, original: terminated('B10') });
  await record({ ...second.input, planId: OLD_PLAN, atMs: NOW_MS + MINUTE_MS });
  return { customerId, first: first.planChangeId, second: second.planChangeId };
}

it.each([
  [{ LANG: 'es' }, 'es'],
  [{ LANG: 'es_MX.UTF-8' }, 'es'],
  [{ LANG: 'es-419@latin' }, 'es'],
  [{ LANG: 'en_US.UTF-8', LC_MESSAGES: 'es_US' }, 'es'],
  [{ LC_ALL: '', LANG: 'es_ES' }, 'es'],
  [{ LC_ALL: 'C.UTF-8', LC_MESSAGES: 'es_US', LANG: 'es_US' }, 'en'],
  [{ LANG: 'est_EE' }, 'en'],
  [{ LANG: 'fr_FR.UTF-8' }, 'en'],
  [{}, 'en'],
])('Where the environment says %j, a command tells it in the language %s', async (locale, language) => {
  const id = randomUUID();

  expect(await run(accountCommand, ['close', id], locale)).toBe(
    language === 'es' ? `No existe la cuenta ${id}.\n` : `There is no account ${id}.\n`,
  );
});

it('A decision is explained in Spanish', async () => {
  const { customerId, first } = await replaced();

  const told = (await run(aorCommand, ['explain', first]))
    .replaceAll(first, 'CHANGE')
    .replaceAll(customerId, 'CUSTOMER')
    .replaceAll(/\n {31}/g, ' ');

  expect(told).toBe(`Decisión sobre el agente de registro
  Cambio de plan               CHANGE
  Cliente                      CUSTOMER
  Cómo llegó                   una solicitud que presentó otro agente externo
  Derivado                     ningún agente interno lo derivó
  Completado                   2026-11-22 12:30:15 UTC; para la unidad era el día 2026-11-22
  Completado por               un sistema, ningún empleado
  Con la clave de API          ${apiKeyId}
  Plan nuevo                   ${NEW_PLAN}, vigente desde el ${FROM}

Agente de registro antes del cambio, según su situación al 2026-11-22
  Número de agente             B-10
  Activo                       no
  Con licencia en TX           sí
  Con nombramiento             sí
  Con certificación para 2027  sí

Quién gestionó el cambio, según su situación al 2026-11-22
  Número de agente             B-20
  Activo                       sí
  Con licencia en TX           sí
  Con nombramiento             sí
  Con certificación para 2027  sí

Lo que dice la regla
  Agente de registro           pasa al número de agente B-20 desde el ${FROM}
  Porque                       Otro agente externo presentó la solicitud, con lo que se ganó al cliente, y ese día cumplía los requisitos: estaba activo y tenía licencia, nombramiento y certificación.
  Comisión de renovación       la del número de agente B-10 termina: no continúa a partir del ${FROM}
  Regla                        versión 2; registrado como transferred, external-agent-facilitated
`);
});

it('A change that waits is explained in Spanish', async () => {
  const held = await insertPlanChange(database.prisma, { stage: 'held' });

  expect((await run(aorCommand, ['explain', held])).replaceAll(/\n {18}/g, ' ')).toContain(
    'Está retenido, porque quien lo gestiona no tiene licencia en el estado del cliente. Todavía no hay decisión.',
  );
});

it('The story of a customer is told in Spanish', async () => {
  const { customerId, first, second } = await replaced();
  const withdrawn = await insertPlanChange(database.prisma, { customerId, stage: 'withdrawn' });

  const told = (await run(aorCommand, ['explain', customerId]))
    .replaceAll(/\n {22}/g, ' ')
    .replaceAll(customerId, 'CUSTOMER')
    .replaceAll(first, 'FIRST')
    .replaceAll(second, 'SECOND')
    .replaceAll(withdrawn, 'THIRD');

  expect(told).toBe(`Cliente CUSTOMER
  Versiones           3

Versión 1, conocida desde el 2026-01-01 00:00:00 UTC
  Motivo              la lista de clientes da comienzo al historial
  Plan                desde el 2026-01-01: ${OLD_PLAN}
  Agente de registro  desde el 2026-01-01: B-10

Versión 2, conocida desde el 2026-11-22 12:30:15 UTC
  Motivo              se completó el cambio de plan FIRST; llegó como una solicitud que presentó otro agente externo
  Decisión            cambio de plan FIRST, desde el ${FROM}: transferred, external-agent-facilitated, agente B-20, la comisión termina, regla 2
  Plan                del 2026-01-01 al 2026-12-31: ${OLD_PLAN}
  Plan                desde el ${FROM}: ${NEW_PLAN}
  Agente de registro  del 2026-01-01 al 2026-12-31: B-10
  Agente de registro  desde el ${FROM}: B-20

Versión 3, conocida desde el 2026-11-22 12:31:15 UTC
  Motivo              se completó el cambio de plan SECOND; llegó como una llamada a la línea exclusiva para cambios de plan, ${planChangeLine}
  Reemplazado         cambio de plan FIRST, por el cambio de plan SECOND
  Decisión            cambio de plan SECOND, desde el ${FROM}: ended, agent-terminated, nadie, la comisión termina, regla 2
  Plan                del 2026-01-01 al 2026-12-31: ${OLD_PLAN}
  Plan                desde el ${FROM}: ${OLD_PLAN}
  Agente de registro  del 2026-01-01 al 2026-12-31: B-10
  Agente de registro  desde el ${FROM}: nadie

Lo que no dio lugar a ninguna versión
  Cambio de plan      THIRD: retirado
`);
});

it('What replay, review and verify count is told in Spanish, in its plural form', async () => {
  const since = ['--since', '2026-11-01'];
  const untimed = async (args: readonly string[]): Promise<string> =>
    (await run(aorCommand, args)).replaceAll(/; \d+\.\d s, \d+/g, '; TIME');

  expect(await untimed(['replay', ...since])).toMatch(
    /^Decisiones desde el 2026-11-01 00:00 UTC: evaluadas con la versión 2 de la regla, \d+; 0 son distintas; TIME por segundo\.\n$/,
  );
  expect(await untimed(['review', ...since])).toMatch(/agente B-?10: activo: antes no, ahora sí/);
  expect(await untimed(['verify'])).toMatch(/\d+ clientes con \d+ versiones y \d+ decisiones/);
});

it('What verify finds is told in Spanish, with ids, days and numbers alone', async () => {
  const { customerId, first } = await replaced();
  const { prisma } = database;
  await prisma.mailDelivery.deleteMany({ where: { reference: first } });

  const told = await runLate(['verify']);

  const lines = told.split('\n').filter((line) => line.includes(customerId));
  expect(lines).toContain(
    `cliente ${customerId}, versión 2, cambio de plan ${first}: falta el correo plan-change-completed.${first}`,
  );
});

it('Keys are made, listed and revoked in Spanish', async () => {
  const args = ['create', '--name', 'mesa', '--scopes', 'audit'];

  const made = await run(apiKeyCommand, args);
  const id = /[0-9a-f-]{36}/.exec(made)?.[0] ?? '';

  expect(made).toContain(
    `Clave ${id} "mesa", con audit. Se muestra solo esta vez: guárdela ahora en un lugar seguro.\n`,
  );
  expect(await run(apiKeyCommand, ['list'])).toMatch(
    /mesa {2}audit {2}sin número de empleado {2}creada \S+ {2}nunca usada\n/,
  );
  expect(await run(apiKeyCommand, ['revoke', id])).toBe(`La clave ${id} está revocada.\n`);
  expect(await run(apiKeyCommand, ['revoke', id])).toBe(`La clave ${id} ya estaba revocada.\n`);
});
