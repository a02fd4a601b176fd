import type { LifecycleSettings } from '@infoscreen/commands';
import type { Logger, Metrics } from '@infoscreen/service-kit';
import type pg from 'pg';
import type { ClientRates } from '../rates/client-rates.ts';
import type { RejectionBook } from '../rejections/rejection-book.ts';

/** What storing a message needs. */
export interface IntakeDeps {
  readonly pool: pg.Pool;
  readonly lifecycle: LifecycleSettings;
  readonly rejections: RejectionBook;
  readonly rates: ClientRates;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}
