import { resolve } from 'node:path';

/** The checkout: the same whether this runs from `dist/dev` or, in tests, from `src/dev`. */
export const projectRoot = resolve(__dirname, '..', '..');
