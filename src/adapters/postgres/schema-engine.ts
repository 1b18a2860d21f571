/**
 * Prisma's schema engine as WebAssembly: it needs no download at installation time, and does what `prisma migrate` does. The
 * package's own entry requires a bundler, so the module is assembled manually here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Pool } from 'pg';

/** Node's types do not declare it, and browser types are not wanted here. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

/** This package's schema and migrations: next to both `src` and `dist`. */
export const PRISMA_FOLDER = join(__dirname, '..', '..', '..', 'prisma');

export const noFilters: glue.SchemaFilter = { externalTables: [], externalEnums: [] };

/** The schema in the engine's format. */
export function readSchema(): glue.SchemaContainer {
  const path = join(PRISMA_FOLDER, 'schema.prisma');
  return { path, content: readFileSync(path, 'utf8') };
}

/**
 * Calls `use` with an engine connected to the database, and releases it afterwards. `inTransaction` may add statements to a script:
 * they are part of its transaction.
 */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  use: (engine: glue.SchemaEngine) => Promise<T>,
  inTransaction: (script: string) => string = (script) => script,
): Promise<T> {
  await loadEngine();
  const { path, content } = readSchema();
  const pool = new Pool({ connectionString: databaseUrl });
  const adapter = bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool, inTransaction));
  try {
    const engine = await glue.SchemaEngine.new({ datamodels: [[path, content]] }, ignoreLog, adapter);
    try {
      return await use(engine);
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}

/**
 * The adapter's own method splits a script at every semicolon, including those in function bodies and comments, and distributes
 * the pieces over connections. As a whole it is one transaction: a failed migration leaves nothing behind.
 */
class WholeScripts extends PrismaPg {
  constructor(
    pool: Pool,
    private readonly inTransaction: (script: string) => string,
  ) {
    super(pool);
  }

  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await adapter.executeRaw({ sql: this.inTransaction(script), args: [], argTypes: [] });
    };
    return adapter;
  }
}

/** The engine logs each statement; results and errors are returned separately. */
const ignoreLog = (): void => {};

let loaded: Promise<void> | undefined;

function loadEngine(): Promise<void> {
  loaded ??= instantiate();
  return loaded;
}

async function instantiate(): Promise<void> {
  const wasmFile = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
  const { instance } = await WebAssembly.instantiate(readFileSync(wasmFile), {
    './schema_engine_bg.js': { ...glue, ...withoutLingeringTimers() },
  });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
}

/** The engine leaves a ten-second timer, which must not delay the end of the process. */
function withoutLingeringTimers(): Record<string, unknown> {
  const names = Object.keys(glue).filter((name) => name.startsWith('__wbg_setTimeout_'));
  const setTimer = (callback: () => void, ms: number) => setTimeout(callback, ms >>> 0).unref();
  return Object.fromEntries(names.map((name) => [name, setTimer]));
}
