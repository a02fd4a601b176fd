import type { LifecycleSettings } from '@infoscreen/commands';
import type { BrokerAddress, BrokerLogin, Logger, Metrics } from '@infoscreen/service-kit';
import type pg from 'pg';
import type { RecentBoots } from '../clients/recent-boots.ts';
import type { ClientRates } from '../rates/client-rates.ts';
import type { RejectionBook } from '../rejections/rejection-book.ts';

/** What storing a message needs. */
export interface IntakeDeps {
  readonly pool: pg.Pool;
  readonly lifecycle: LifecycleSettings;
  readonly rejections: RejectionBook;
  readonly rates: ClientRates;
  readonly boots: RecentBoots;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Where the broker is, and the account to log in with. */
export interface Broker extends BrokerAddress, BrokerLogin {}
