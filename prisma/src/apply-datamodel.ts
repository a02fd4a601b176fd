import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { withMigrationEngine } from './migration-engine.ts';
import { schemaPath } from './migrations-on-disk.ts';

/**
 * Builds in the empty database at `url` what `schema.prisma` says, past the migrations: the drift check compares the
 * two. (The engine could introspect instead, but its adapter doesn't know Postgres's type "char".)
 */
export async function applyDatamodel({ url }: { readonly url: string }): Promise<void> {
  const content = await readFile(schemaPath, 'utf8');
  const script = await withMigrationEngine(url, (engine) =>
    engine.diff({
      from: { tag: 'empty' },
      to: { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content }] },
      script: true,
      exitCode: null,
      filters: { externalTables: [], externalEnums: [] },
    }),
  );
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(script.stdout ?? '');
  } finally {
    await client.end();
  }
}
