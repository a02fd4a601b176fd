import pg from 'pg';

/** One statement after the other on one connection, each answer turned into JSON. @returns milliseconds of each, on average */
export async function measureBareSql(databaseUrl: string, text: string, seconds: number): Promise<number> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'bare sql' });
  await client.connect();
  try {
    const startedAt = performance.now();
    let count = 0;
    let bytes = 0;
    while (performance.now() - startedAt < seconds * 1000) {
      const { rows } = await client.query({ name: 'bare', text });
      bytes += JSON.stringify(rows).length;
      count += 1;
    }
    if (bytes === 0) throw new Error('the bare statement found nothing');
    return (performance.now() - startedAt) / count;
  } finally {
    await client.end();
  }
}
