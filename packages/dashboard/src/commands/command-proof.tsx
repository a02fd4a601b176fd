import { useQuery } from '@tanstack/react-query';
import type { CommandWithTimeline, ScreenDetail } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { type TextKey, useTexts } from '../texts/texts.ts';
import { FullTime, TimeAgo } from '../time/time-ago.tsx';
import { type Proof, proofOf } from './command-steps.ts';

const LOOK = {
  proven: { shape: '✓', text: 'proof.proven' },
  missing: { shape: '✕', text: 'proof.missing' },
  open: { shape: '…', text: 'proof.open' },
  reported: { shape: '✓', text: 'proof.byApp' },
} as const satisfies Record<Exclude<Proof, 'none'>, { shape: string; text: TextKey }>;

/** Whether a command had its effect, by what that is known, and what the screen has been doing since. */
export function CommandProof({ command }: { readonly command: CommandWithTimeline }) {
  const t = useTexts();
  const proof = proofOf(command);
  if (proof === 'none') return null;
  return (
    <>
      <p className={`proof ${proof}`}>
        <span aria-hidden="true">{LOOK[proof].shape}</span> {t(LOOK[proof].text)}{' '}
        {command.effectBootId !== null && `${t('proof.boot', { boot: command.effectBootId.slice(0, 8) })} `}
        {command.effectObservedAt !== null && <FullTime at={command.effectObservedAt} />}
      </p>
      {command.finishedAt !== null && <Afterwards command={command} finishedAt={command.finishedAt} />}
    </>
  );
}

interface AfterwardsProps {
  readonly command: CommandWithTimeline;
  readonly finishedAt: string;
}

function Afterwards({ command, finishedAt }: AfterwardsProps) {
  const t = useTexts();
  const { data: screen } = useQuery({
    queryKey: ['screen', command.clientUuid],
    queryFn: ({ signal }) => callApi<ScreenDetail>(`/api/clients/${command.clientUuid}`, { signal }),
  });
  if (screen === undefined) return null;
  const isAlive = screen.last_alive !== null && screen.last_alive > finishedAt;
  return (
    <p>
      {t('commands.since')}: {t(isAlive ? 'after.alive' : 'after.silent')} <TimeAgo at={screen.last_alive} />
      {isAlive && screen.process_status !== null && (
        <>
          {' · '}
          {t('after.app', { state: t(`process.${screen.process_status}`) })}
          {screen.process_pid !== null && ` (PID ${screen.process_pid})`}
        </>
      )}
    </p>
  );
}
