/** A message that passed its schema, on its way into the database. */
export interface Arrival<Payload> {
  /** Of the topic; on the alias alone, of the payload. */
  readonly clientUuid: string;
  readonly payload: Payload;
  /** Since it was received; `null` when it had been kept by the broker, and so is no sign that the device lives now. */
  readonly ageSeconds: number | null;
  /** The broker says that it has sent it before. */
  readonly isRepeat: boolean;
}
