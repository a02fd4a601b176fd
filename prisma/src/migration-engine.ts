import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type { SchemaEngine } from '@prisma/schema-engine-wasm';
import * as engineBindings from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

type WasmExports = Record<string, unknown>;

/** What the generated bindings export beside their typed part. */
interface EngineBindings {
  readonly SchemaEngine: typeof SchemaEngine;
  __wbg_set_wasm(exports: WasmExports): void;
}

/** The one call that is used of a global which only the browser's type library declares. */
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    instantiate(
      bytes: Uint8Array,
      imports: Record<string, unknown>,
    ): Promise<{ instance: { exports: WasmExports } }>;
  };
};

let loading: Promise<EngineBindings> | undefined;

/**
 * Prisma's own migration engine, as WebAssembly: the native one would have to be downloaded at run time.
 * The package's entry imports the .wasm file as a module, which Node can't, so it is instantiated by hand, once.
 */
function loadEngine(): Promise<EngineBindings> {
  loading ??= (async () => {
    const bindings = engineBindings as unknown as EngineBindings;
    const bindingsPath = createRequire(import.meta.url).resolve(
      '@prisma/schema-engine-wasm/schema_engine_bg',
    );
    const wasm = await readFile(path.join(path.dirname(bindingsPath), 'schema_engine_bg.wasm'));
    const { instance } = await WebAssembly.instantiate(wasm, {
      './schema_engine_bg.js': withoutLingeringTimers(engineBindings),
    });
    bindings.__wbg_set_wasm(instance.exports);
    (instance.exports['__wbindgen_start'] as () => void)();
    return bindings;
  })();
  return loading;
}

/** The engine sets a time limit on its lock and never takes it back, which would hold the process for ten seconds more. */
function withoutLingeringTimers(bindings: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(bindings).map(([name, binding]) => {
      if (!name.startsWith('__wbg_setTimeout_') || typeof binding !== 'function') return [name, binding];
      return [
        name,
        (...args: unknown[]) => {
          const timer: unknown = binding(...args);
          if (typeof timer === 'object' && timer !== null && 'unref' in timer)
            (timer as NodeJS.Timeout).unref();
          return timer;
        },
      ];
    }),
  );
}

/**
 * Runs `work` with an engine connected to the database at `url`, and frees it afterwards.
 * The engine gets no shadow database: nothing here needs one.
 */
export async function withMigrationEngine<T>(
  url: string,
  work: (engine: SchemaEngine) => Promise<T>,
): Promise<T> {
  const { SchemaEngine: Engine } = await loadEngine();
  const pool = new pg.Pool({ connectionString: url, connectionTimeoutMillis: 5000, max: 2 });
  pool.on('error', () => {});
  try {
    const adapter = bindMigrationAwareSqlAdapterFactory(wholeScriptAdapter(pool));
    const engine = await Engine.new({ datamodels: undefined }, () => {}, adapter);
    try {
      return await work(engine);
    } finally {
      engine.free();
    }
  } finally {
    await pool.end();
  }
}

/**
 * The adapter's own `executeScript` cuts a script at every semicolon, those in comments and function bodies too.
 * Sent whole, Postgres parses it itself, and runs it as one transaction: a migration applies entirely or not at all.
 */
function wholeScriptAdapter(pool: pg.Pool): PrismaPg {
  const factory = new PrismaPg(pool, { disposeExternalPool: false });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => {
    const adapter = await connect();
    adapter.executeScript = async (script) => {
      await pool.query(script);
    };
    return adapter;
  };
  return factory;
}
