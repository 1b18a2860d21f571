import { ConfigError } from '../../src/config';
import { loadStackConfig } from './config';
import { runStack } from './run-stack';

/** `npm start`: the embedded stack with the API and a worker, until Ctrl-C; `--watch`: as `npm run dev` runs it. */
async function main(): Promise<number> {
  // A closed terminal must not end the stack before it has stopped its parts.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  try {
    const watch = process.argv.includes('--watch');
    return await runStack(loadStackConfig(process.env), { output: process.stdout, watch });
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error);
    return 1;
  }
}

void main().then((exitCode) => process.exit(exitCode));
