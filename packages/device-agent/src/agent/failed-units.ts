import { type FailedUnit, isoTime } from './reports.ts';

export interface ServiceFailure {
  readonly unit: string;
  readonly reason?: string | undefined;
  /** How often it was restarted before it was given up. */
  readonly restarts?: number | undefined;
  /** ISO 8601 UTC; now, by the screen's clock, where it is left out. */
  readonly failedAt?: string | undefined;
}

/** Health carries no more than this. */
const MAX_FAILED_UNITS = 64;

/** The units that are failed right now; a newer failure of a unit takes the place of the older. */
export class FailedUnits {
  readonly #failedAtByUnit = new Map<string, string>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  open({ unit, failedAt = isoTime(this.#now()) }: ServiceFailure): FailedUnit {
    this.#failedAtByUnit.set(unit, failedAt);
    return { unit, failedAt };
  }

  close(unit: string): void {
    this.#failedAtByUnit.delete(unit);
  }

  list(): FailedUnit[] {
    return [...this.#failedAtByUnit]
      .slice(0, MAX_FAILED_UNITS)
      .map(([unit, failedAt]) => ({ unit, failedAt }));
  }
}
