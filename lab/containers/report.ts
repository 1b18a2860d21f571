/** The part of docs/containers.md that a run writes. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../stack/command-line';
import { projectRoot } from '../stack/project-root';
import type { Step } from './checks';

export interface Run {
  /** Engine, Compose and so on. */
  readonly versions: readonly string[];
  readonly images: readonly { readonly name: string; readonly bytes: number; readonly origin: string }[];
  readonly steps: readonly Step[];
  readonly checks: number;
}

export const REPORT_PATH = join(projectRoot, 'docs', 'containers.md');
const [START, END] = ['<!-- last run -->', '<!-- end of last run -->'];

/** Puts the run into the document in place of the one before. */
export async function writeReport(last: Run): Promise<void> {
  const page = await readFile(REPORT_PATH, 'utf8');
  const [from, to] = [page.indexOf(START), page.indexOf(END)];
  if (from < 0 || to < from) throw new Error(`${REPORT_PATH} has no place for the report`);
  await writeFile(
    REPORT_PATH,
    `${page.slice(0, from)}${START}

${reportOf(last)}

${page.slice(to)}`,
  );
  const prettier = require.resolve('prettier/bin/prettier.cjs');
  await run({ command: process.execPath, args: [prettier, '--write', REPORT_PATH], cwd: projectRoot });
}

/** As Markdown. */
export function reportOf({ versions, images, steps, checks }: Run): string {
  const seconds = steps.reduce((sum, step) => sum + step.seconds, 0);
  return [
    `On ${new Date().toISOString().slice(0, 10)}, with ${versions.join(', ')}: all ${checks} checks passed, in ${Math.ceil(seconds / 60)} minutes.`,
    '',
    ...table(
      ['image', 'MB', 'is'],
      images.map(({ name, bytes, origin }) => [`\`${name}\``, String(Math.round(bytes / 1e6)), origin]),
    ),
    '',
    ...table(
      ['step', 'seconds'],
      steps.map((step) => [step.title, step.seconds < 1 ? '< 1' : String(Math.round(step.seconds))]),
    ),
  ].join('\n');
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)];
}
