import { COMMAND_ERROR_CODES, nextStatus } from '@infoscreen/shared-types';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { CommandWithTimeline } from '../api/api-types.ts';
import { callApi } from '../api/call-api.ts';
import { useMay } from '../session/use-user.ts';
import { COMMAND_LOOK } from '../status/status-look.ts';
import { type TextKey, useLocale, useTexts } from '../texts/texts.ts';
import { absoluteTime, durationText, timeOfDay } from '../time/relative-time.ts';
import { FullTime } from '../time/time-ago.tsx';
import { ProblemBox } from '../ui/problem-box.tsx';
import { QueryView } from '../ui/query-view.tsx';
import { CommandProof } from './command-proof.tsx';
import { type CommandStep, commandSteps } from './command-steps.ts';

/** Everything that is known of one command: who, why, each step and how long it took, and whether it had its effect. */
export function CommandTimeline({ commandId }: { readonly commandId: string }) {
  const detail = useQuery({
    queryKey: ['command', commandId],
    queryFn: async ({ signal }) => {
      const path = `/api/clients/commands/${commandId}`;
      return (await callApi<{ command: CommandWithTimeline }>(path, { signal })).command;
    },
  });
  return (
    <QueryView query={detail} lines={4}>
      {(command) => <Timeline command={command} />}
    </QueryView>
  );
}

function Timeline({ command }: { readonly command: CommandWithTimeline }) {
  const t = useTexts();
  return (
    <div className="timeline">
      <CommandFacts command={command} />
      <ol className="steps">
        {commandSteps(command).map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a timeline only grows at its end
          <Step key={index} step={step} day={command.createdAt} />
        ))}
      </ol>
      <ErrorOf command={command} />
      <CommandProof command={command} />
      {command.lateOutcome !== null && (
        <p>
          {t('commands.late', { outcome: t(`commandStatus.${command.lateOutcome}`) })}{' '}
          <FullTime at={command.lateOutcomeAt} />
        </p>
      )}
      <CancelButton command={command} />
    </div>
  );
}

function CommandFacts({ command }: { readonly command: CommandWithTimeline }) {
  const t = useTexts();
  const locale = useLocale();
  const { createdAt, finishedAt } = command;
  return (
    <dl className="facts">
      <div>
        <dt>{t('commands.requestedBy')}</dt>
        <dd>{command.requestedBy === 'scheduler' ? t('commands.byRecovery') : command.requestedBy}</dd>
      </div>
      <div>
        <dt>{t('commands.reason')}</dt>
        <dd>{command.reason ?? <span className="quiet">–</span>}</dd>
      </div>
      <div>
        <dt>{t('commands.made')}</dt>
        <dd>
          <FullTime at={createdAt} />
        </dd>
      </div>
      {finishedAt === null ? (
        <div>
          <dt>{t('commands.validUntil')}</dt>
          <dd>
            <FullTime at={command.expiresAt} />
          </dd>
        </div>
      ) : (
        <div>
          <dt>{t('commands.took')}</dt>
          <dd>{durationText(Date.parse(finishedAt) - Date.parse(createdAt), locale)}</dd>
        </div>
      )}
    </dl>
  );
}

interface StepProps {
  readonly step: CommandStep;
  /** Of the command: a step of the same day needs no date of its own. */
  readonly day: string;
}

function Step({ step, day }: StepProps) {
  const t = useTexts();
  const locale = useLocale();
  const look = COMMAND_LOOK[step.status];
  const at = Date.parse(step.at);
  const isSameDay = new Date(at).toDateString() === new Date(day).toDateString();
  return (
    <li className={`step ${look.tone}`}>
      <span className="step-name">
        <span aria-hidden="true" className="shape">
          {step.kind === 'transition' ? look.shape : '·'}
        </span>
        <span>
          {step.kind === 'transition' ? t(`commandStatus.${step.status}`) : t(`stepKind.${step.kind}`)}
        </span>
      </span>{' '}
      <time dateTime={step.at} title={absoluteTime(at, locale)}>
        {isSameDay ? timeOfDay(at, locale) : absoluteTime(at, locale)}
      </time>{' '}
      <span className="step-took">
        {step.tookMs !== null && t('commands.after', { time: durationText(step.tookMs, locale) })}
      </span>{' '}
      <span className="quiet">
        {t(`stepSource.${step.source}`)}
        {step.source !== 'device' && ` (${step.actor})`}
      </span>
    </li>
  );
}

function ErrorOf({ command }: { readonly command: CommandWithTimeline }) {
  const t = useTexts();
  if (command.errorCode === null) return null;
  const isOurs = command.errorCode in COMMAND_ERROR_CODES;
  return (
    <p className="command-error">
      {isOurs && `${t(`commandError.${command.errorCode}` as TextKey)} `}
      <code>{command.errorCode}</code>
      {command.errorMessage !== null && !isOurs && ` ${command.errorMessage}`}
    </p>
  );
}

function CancelButton({ command }: { readonly command: CommandWithTimeline }) {
  const t = useTexts();
  const queryClient = useQueryClient();
  const mayCommand = useMay('admin');
  const [error, setError] = useState<unknown>(null);
  if (!mayCommand || nextStatus(command.status, 'cancel') === undefined) return null;
  const cancel = async (button: HTMLElement) => {
    setError(null);
    const toggle = button.closest('.command')?.querySelector<HTMLElement>('[aria-expanded]');
    await callApi(`/api/clients/commands/${command.commandId}/cancel`, { method: 'POST' }).catch(setError);
    for (const queryKey of [['command', command.commandId], ['commands'], ['screen', command.clientUuid]]) {
      void queryClient.invalidateQueries({ queryKey });
    }
    // This button is about to go.
    toggle?.focus();
  };
  return (
    <>
      <button type="button" className="button" onClick={(event) => void cancel(event.currentTarget)}>
        {t('commands.cancel')}
      </button>
      {error !== null && <ProblemBox error={error} />}
    </>
  );
}
