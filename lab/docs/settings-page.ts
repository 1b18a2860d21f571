import { z } from 'zod';
import type { SettingFacts } from '../../src/setting-forms';
import { commandSettings, settings, webSettings, workerSettings } from '../../src/settings';
import { stackSettings } from '../stack/config';

/** Where `npm run docs:settings` writes the page, in the checkout. */
export const SETTINGS_PAGE = 'docs/settings.md';

/** The schemas, the one that says most of a setting first. */
export const settingTables = [
  ['API and worker', settings],
  ['Worker', workerSettings],
  ['Pages', webSettings],
  ['Commands', commandSettings],
  ['npm start', stackSettings],
] as const;

const INTRODUCTION = `# Settings

<!-- Written by \`npm run docs:settings\` from src/settings.ts and lab/stack/config.ts. -->

Environment variables, read once in [src/config.ts](../src/config.ts). An empty variable counts as not set. A wrong or
missing one ends the process with code 78 and a message that names it.

\`npm start\` sets what is required. Set \`DATABASE_URL\`, \`TEMPORAL_ADDRESS\` or \`SMTP_URL\` to use a server of your own
instead of its embedded one. All other settings are passed on to pages, API and worker, as
[docker-compose.yml](../docker-compose.yml) does.

A change takes effect when the processes that read it are restarted. The last column says what it does to open runs and
other work in progress; where it is empty, nothing.
`;

const HEADER = ['variable', 'default', 'read by', 'meaning', 'a change'];

/** docs/settings.md, as the schemas have it. */
export function settingsPage(): string {
  const told = new Set<string>();
  const sections = settingTables.map(([title, schema]) => {
    const fresh = Object.entries(schema.shape).filter(([name]) => !told.has(name));
    for (const [name] of fresh) told.add(name);
    return `\n## ${title}\n\n${table([HEADER, ...fresh.map(([name, one]) => row(name, one))])}`;
  });
  return INTRODUCTION + sections.join('');
}

/** What is said of a setting. Throws where nothing is. */
export function factsOf(name: string, schema: z.ZodType): SettingFacts {
  const facts = schema.meta() as Partial<SettingFacts> | undefined;
  if (facts?.readBy === undefined) throw new Error(`nothing says what ${name} is for`);
  return facts as SettingFacts;
}

function row(name: string, schema: z.ZodType): string[] {
  const { readBy, description, change = '', otherwise } = factsOf(name, schema);
  return [`\`${name}\``, otherwise ?? shownDefault(schema), readBy.join(', '), description, change];
}

function shownDefault(schema: z.ZodType): string {
  if (schema instanceof z.ZodOptional) return '';
  if (!(schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault)) return '**required**';
  const value = schema.def.defaultValue;
  if (typeof value === 'boolean') return value ? '`on`' : '`off`';
  return typeof value === 'number' ? `${value}` : `\`${String(value)}\``;
}

/** As Prettier lays it out. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = HEADER.map((_, column) => Math.max(...rows.map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |\n`;
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |\n`;
  return rows.map((cells, index) => line(cells) + (index === 0 ? rule : '')).join('');
}
