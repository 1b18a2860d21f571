/**
 * Prisma's schema engine as WebAssembly: it needs no download at installation time, and does what `prisma migrate` does.
 * The package's own entry wants a bundler, so the module is put together by hand here.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import * as glue from '@prisma/schema-engine-wasm/schema_engine_bg';
import { Pool } from 'pg';

/** The types of Node do not name it, those of browsers are not wanted here. */
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
};

/** Where this package keeps its schema and migrations: beside `src` and `dist` alike. */
export const PRISMA_FOLDER = join(__dirname, '..', '..', '..', 'prisma');

export const noFilters: glue.SchemaFilter = { externalTables: [], externalEnums: [] };

/** The schema as the engine takes it. */
export function readSchema(): glue.SchemaContainer {
  const path = join(PRISMA_FOLDER, 'schema.prisma');
  return { path, content: readFileSync(path, 'utf8') };
}

/** Gives `use` an engine that is connected to the database, and releases it afterwards. */
export async function withSchemaEngine<T>(
  databaseUrl: string,
  use: (engine: glue.SchemaEngine) => Promise<T>,
): Promise<T> {
  await loadEngine();
  const { path, content } = readSchema();
  const pool = new Pool({ connectionString: databaseUrl });
  const adapter = bindMigrationAwareSqlAdapterFactory(new WholeScripts(pool));
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
 * The adapter's own way cuts a script at every semicolon, those in function bodies and comments too, and spreads the
 * pieces over connections. In one piece it is one transaction: a migration that fails leaves nothing behind.
 */
class WholeScripts extends PrismaPg {
  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await adapter.executeRaw({ sql: script, args: [], argTypes: [] });
    };
    return adapter;
  }
}

/** The engine reports each statement to its log; what matters comes back as results and errors. */
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

/** The engine leaves a timer of ten seconds behind; nobody need wait for it before the process may end. */
function withoutLingeringTimers(): Record<string, unknown> {
  const names = Object.keys(glue).filter((name) => name.startsWith('__wbg_setTimeout_'));
  const setTimer = (callback: () => void, ms: number) => setTimeout(callback, ms >>> 0).unref();
  return Object.fromEntries(names.map((name) => [name, setTimer]));
}
