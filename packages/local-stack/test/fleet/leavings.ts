import type pg from 'pg';

/** Everything that a run leaves where people may read it, by the place it stands in. */
export class Leavings {
  readonly #texts = new Map<string, string>();

  add(place: string, text: string): void {
    this.#texts.set(place, `${this.#texts.get(place) ?? ''}${text}\n`);
  }

  entries(): readonly (readonly [place: string, text: string])[] {
    return [...this.#texts];
  }

  /** `place: what was found there`, for each place. */
  found(search: (text: string) => readonly string[]): readonly string[] {
    return this.entries().flatMap(([place, text]) => search(text).map((name) => `${place}: ${name}`));
  }
}

/**
 * Columns that hold a secret on purpose. A device may say anything, and of what is refused the first bytes are kept as they
 * came, for people to see what was wrong; they are never logged. A session's id is worth nothing without its signature.
 */
const HELD_ON_PURPOSE: Readonly<Record<string, readonly string[]>> = {
  rejected_messages: ['payload_head'],
  user_sessions: ['sid'],
};

/** Every row of every table, as text; bytes as hexadecimal. */
export async function addTables(leavings: Leavings, pool: pg.Pool): Promise<void> {
  const { rows: tables } = await pool.query<{ name: string }>(
    "SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'",
  );
  for (const { name } of tables) {
    const hidden = HELD_ON_PURPOSE[name] ?? [];
    const { rows } = await pool.query<{ row: string }>(
      `SELECT (to_jsonb(t) - $1::text[])::text AS row FROM "${name}" t`,
      [hidden],
    );
    leavings.add(`table ${name}`, rows.map(({ row }) => row).join('\n'));
  }
}
