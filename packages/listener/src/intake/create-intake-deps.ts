import { lifecycleSettingsOf } from '@infoscreen/commands';
import { brokerAddressOf, brokerLoginOf, type Logger, type Metrics } from '@infoscreen/service-kit';
import type pg from 'pg';
import { RecentBoots } from '../clients/recent-boots.ts';
import type { ListenerSettings } from '../env.ts';
import { ClientRates } from '../rates/client-rates.ts';
import { createSuspension } from '../rates/suspend-flooder.ts';
import { RejectionBook } from '../rejections/rejection-book.ts';
import type { Broker, IntakeDeps } from './intake-deps.ts';

const REMEMBERED_BOOTS = 20_000;

export function brokerOf(settings: ListenerSettings): Broker {
  return {
    ...brokerAddressOf(settings),
    ...brokerLoginOf(settings, 'listener'),
  };
}

export function createIntakeDeps(
  settings: ListenerSettings,
  pool: pg.Pool,
  logger: Logger,
  metrics: Metrics,
): IntakeDeps {
  const lifecycle = lifecycleSettingsOf(settings);
  const rejections = new RejectionBook(pool, metrics, settings.REJECTED_ROWS_PER_MINUTE);
  const suspend = createSuspension({ db: pool, logger, metrics });
  const rates = new ClientRates({
    perSecond: settings.CLIENT_MESSAGES_PER_SECOND,
    burst: settings.CLIENT_MESSAGE_BURST,
    onFlood: (flood) => void suspend(flood),
    logger,
    metrics,
  });
  const boots = new RecentBoots(REMEMBERED_BOOTS);
  return { pool, lifecycle, rejections, rates, boots, logger, metrics };
}
