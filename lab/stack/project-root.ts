import { resolve } from 'node:path';

/** The checkout. */
export const projectRoot = resolve(__dirname, '..', '..');

/** Arguments of Node for a script of the lab, which runs from its TypeScript. */
export const typescriptArgs: readonly string[] = ['--require', resolve(projectRoot, 'lab', 'typescript.cjs')];
