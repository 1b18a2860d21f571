import { resolve } from 'node:path';

/** The checkout. */
export const projectRoot = resolve(__dirname, '..', '..');

/** Node's arguments to run a script: JavaScript, or TypeScript of the lab. */
export const nodeArgs = (script: string, args: readonly string[] = []): string[] => [
  ...(script.endsWith('.ts') ? ['--require', resolve(projectRoot, 'scripts', 'typescript.cjs')] : []),
  script,
  ...args,
];
