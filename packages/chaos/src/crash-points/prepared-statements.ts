/** PostgreSQL's message that gives a statement a name; its text is sent once per connection. */
const PARSE = 0x50;
const HEADER_BYTES = 5;

/** Which text belongs to which name, read along on the way to the database. Each connection has names of its own. */
export class PreparedStatements {
  readonly #texts = new Map<number, Map<string, string>>();

  /** @param piece bytes that begin with a message */
  learn(piece: Buffer, connection: number): void {
    for (let at = 0; at + HEADER_BYTES <= piece.length; ) {
      const end = at + 1 + piece.readUInt32BE(at + 1);
      if (end < at + HEADER_BYTES || end > piece.length) return;
      if (piece[at] === PARSE) this.#note(piece.subarray(at + HEADER_BYTES, end), connection);
      at = end;
    }
  }

  /** Whether the piece holds a statement with this text in it, in full or by its name. */
  isIn(piece: Buffer, connection: number, text: string): boolean {
    if (piece.includes(text)) return true;
    for (const [name, whole] of this.#texts.get(connection) ?? [])
      if (whole.includes(text) && piece.includes(`\0${name}\0`)) return true;
    return false;
  }

  #note(body: Buffer, connection: number): void {
    const [name = '', text = ''] = body.toString('utf8').split('\0', 2);
    if (name === '') return;
    const own = this.#texts.get(connection) ?? new Map<string, string>();
    this.#texts.set(connection, own.set(name, text));
  }
}
