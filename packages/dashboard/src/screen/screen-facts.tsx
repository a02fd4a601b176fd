import type { ReactNode } from 'react';
import type { ScreenDetail } from '../api/api-types.ts';
import { useLocale, useTexts } from '../texts/texts.ts';
import { durationText } from '../time/relative-time.ts';
import { FullTime, TimeAgo } from '../time/time-ago.tsx';

/** A device's clock that is off by more than this is worth a word, in seconds. */
const CLOCK_WORTH_A_WORD_S = 30;

const DASH = <span className="quiet">–</span>;
const orDash = (value: ReactNode) => (value === null || value === '' ? DASH : value);

export function ScreenFacts({ screen }: { readonly screen: ScreenDetail }) {
  return (
    <div className="facts-grid">
      <ProcessFacts screen={screen} />
      <ConnectionFacts screen={screen} />
      <DeviceFacts screen={screen} />
    </div>
  );
}

function ProcessFacts({ screen }: { readonly screen: ScreenDetail }) {
  const t = useTexts();
  const health = screen.latest_health;
  const percent = (value: number | null | undefined) =>
    value == null ? DASH : `${Math.round(value)}\u00a0%`;
  return (
    <Facts title={t('facts.process')}>
      <Fact name={t('facts.processStatus')}>
        {screen.process_status === null ? DASH : t(`process.${screen.process_status}`)}
      </Fact>
      <Fact name={t('facts.processName')}>
        {orDash(screen.process_name)}
        {screen.process_pid !== null && <span className="quiet"> (PID {screen.process_pid})</span>}
      </Fact>
      <Fact name={t('facts.version')}>{orDash(screen.app_version)}</Fact>
      <Fact name={t('facts.load')}>
        CPU {percent(health?.cpu_percent)}, RAM {percent(health?.memory_percent)}, {t('facts.disk')}{' '}
        {percent(health?.disk_percent)}
      </Fact>
      <Fact name={t('facts.temperature')}>
        {health?.temperature_c == null ? DASH : `${Math.round(health.temperature_c)}\u00a0°C`}
      </Fact>
    </Facts>
  );
}

function ConnectionFacts({ screen }: { readonly screen: ScreenDetail }) {
  const t = useTexts();
  const locale = useLocale();
  const { clock_offset_s: offset } = screen;
  return (
    <Facts title={t('facts.connection')}>
      <Fact name={t('facts.lastAlive')}>
        <TimeAgo at={screen.last_alive} />
      </Fact>
      <Fact name={t('facts.presence')}>
        {screen.presence_online === null
          ? DASH
          : t(screen.presence_online ? 'facts.online' : 'facts.offline')}
        {screen.presence_reason !== null && screen.presence_reason !== '' && (
          <span className="quiet"> ({screen.presence_reason})</span>
        )}
      </Fact>
      <Fact name={t('facts.reconnects')}>
        {screen.mqtt_reconnect_count === null
          ? DASH
          : t('facts.reconnectsSince', { count: screen.mqtt_reconnect_count })}
      </Fact>
      <Fact name={t('facts.lastDisconnect')}>
        <FullTime at={screen.mqtt_last_disconnect_at} />
      </Fact>
      {offset !== null && Math.abs(offset) > CLOCK_WORTH_A_WORD_S && (
        <Fact name={t('facts.clock')}>
          {t(offset > 0 ? 'facts.clockAhead' : 'facts.clockBehind', {
            time: durationText(Math.abs(offset) * 1000, locale),
          })}
        </Fact>
      )}
    </Facts>
  );
}

function DeviceFacts({ screen }: { readonly screen: ScreenDetail }) {
  const t = useTexts();
  const locale = useLocale();
  const boot = screen.recent_boots[0];
  return (
    <Facts title={t('facts.device')}>
      <Fact name={t('facts.group')}>{orDash(screen.group)}</Fact>
      <Fact name={t('facts.address')}>{orDash(screen.ip)}</Fact>
      <Fact name={t('facts.model')}>{orDash(screen.model)}</Fact>
      <Fact name={t('facts.os')}>{orDash(screen.os_version)}</Fact>
      <Fact name={t('facts.uptime')}>
        {screen.uptime_s === null ? DASH : durationText(screen.uptime_s * 1000, locale)}
      </Fact>
      <Fact name={t('facts.lastBoot')}>
        {boot === undefined ? (
          DASH
        ) : (
          <>
            <TimeAgo at={boot.first_seen_at} />{' '}
            <span className="quiet">
              ({t(boot.command_id === null ? 'facts.bootByItself' : 'facts.bootCommanded')})
            </span>
          </>
        )}
      </Fact>
      <Fact name="UUID">
        <code className="uuid">{screen.uuid}</code>
      </Fact>
    </Facts>
  );
}

function Facts({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="card">
      <h2>{title}</h2>
      <dl className="facts">{children}</dl>
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
