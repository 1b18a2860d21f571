import { resolve } from 'node:path';

/** The checkout. */
export const projectRoot = resolve(__dirname, '..', '..');

/** Node's arguments for a script of the lab, which runs from TypeScript. */
export const typescriptArgs: readonly string[] = ['--require', resolve(projectRoot, 'lab', 'typescript.cjs')];
