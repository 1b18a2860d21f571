import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workflowBundleOptions } from '../../src/compose/workflow-bundle';
import { brand, portalPolicies } from '../support/brand';
import { valuesOf } from '../support/changed-policies';

const src = join(__dirname, '../../src');
const SHARED_ROOMS = ['workflows', 'contracts', 'domain'];

/** At the start of a line: a variable, or a collection that begins empty and is filled later. */
const STATE =
  /^(?:export )?(?:(?:let|var) \w+|const \w+(?:: [^=]+)? = (?:new (?:Map|Set|WeakMap|WeakSet|Array)\b(?:<[^(]*>)?\(\)|\[\]|\{\}))/m;

describe('Modules that all runs of a worker share', () => {
  it('The workflow bundle contains only the SDK, what the SDK needs, and the rooms that runs may import', () => {
    const bundle = readFileSync(process.env['TENURE_TEST_BUNDLE']!, 'utf8');

    const modules = [...bundle.matchAll(/^ {2}!\*\*\* (\S+)/gm)].map(([, name]) => name!);
    const packages = modules.flatMap((name) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(name)?.[1] ?? []);
    const rooms = modules.flatMap((name) => /^\.\/src\/([^/]+)\//.exec(name)?.[1] ?? []);

    expect([...new Set(packages)].toSorted()).toEqual([
      '@temporalio/common',
      '@temporalio/workflow',
      'long',
      'ms',
      'nexus-rpc',
    ]);
    expect([...new Set(rooms)].toSorted()).toEqual(SHARED_ROOMS.toSorted());
  });

  it('The workflow bundle contains no value of a brand', () => {
    const bundle = readFileSync(process.env['TENURE_TEST_BUNDLE']!, 'utf8');
    const texts = [...valuesOf(brand).values()].filter(
      (value): value is string => typeof value === 'string' && value.length > 8,
    );

    expect(texts).toEqual(expect.arrayContaining([portalPolicies.member.helpLine.phone, 'America/New_York']));
    expect(texts.filter((text) => bundle.includes(text))).toEqual([]);
  });

  it('The bundle preloads every module that it contains', () => {
    const { workflowsPath, workflowInterceptorModules = [], preloadModules } = workflowBundleOptions();

    expect(preloadModules).toEqual([workflowsPath, ...workflowInterceptorModules]);
  });

  it.each(SHARED_ROOMS.flatMap((room) => sourcesIn(join(src, room))))('%s keeps no state', (file) => {
    expect(readFileSync(join(src, file), 'utf8')).not.toMatch(STATE);
  });

  it.each([
    'let count = 0;',
    'export let count = 0;',
    'const seen = new Map<string, string>();',
    'const seen: string[] = [];',
    'export const seen = {};',
  ])('The check finds the state of "%s"', (line) => {
    expect(`import { a } from './a';\n${line}\n`).toMatch(STATE);
  });
});

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name).slice(src.length + 1));
}
