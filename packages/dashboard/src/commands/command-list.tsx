import { useId, useState } from 'react';
import type { ListedCommand } from '../api/api-types.ts';
import { ScreenLink } from '../screens/screen-name.tsx';
import { CommandStatusBadge } from '../status/status-badge.tsx';
import { useTexts } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { CommandTimeline } from './command-timeline.tsx';

interface CommandListProps {
  readonly commands: readonly ListedCommand[];
  readonly isScreenShown?: boolean;
  /** The newest one is open: who has just sent it wants to see it move. */
  readonly isFirstOpen?: boolean;
}

/** Commands, newest first; each opens to its timeline. */
export function CommandList({ commands, isScreenShown = false, isFirstOpen = false }: CommandListProps) {
  return (
    <ul className="command-list">
      {commands.map((command, index) => (
        <CommandItem
          key={command.commandId}
          command={command}
          isScreenShown={isScreenShown}
          isOpenAtFirst={isFirstOpen && index === 0}
        />
      ))}
    </ul>
  );
}

interface CommandItemProps {
  readonly command: ListedCommand;
  readonly isScreenShown: boolean;
  readonly isOpenAtFirst: boolean;
}

function CommandItem({ command, isScreenShown, isOpenAtFirst }: CommandItemProps) {
  const t = useTexts();
  const [isOpen, setOpen] = useState(isOpenAtFirst);
  const id = useId();
  return (
    <li className="command" data-command={command.commandId}>
      <div className={`command-line${isScreenShown ? ' with-screen' : ''}`}>
        <CommandStatusBadge status={command.status} />
        <strong>{t(`action.${command.action}`)}</strong>
        {isScreenShown && <ScreenLink uuid={command.clientUuid} hostname={command.hostname ?? null} />}
        <span className="quiet command-who">
          {command.requestedBy === 'scheduler' ? t('commands.byRecovery') : command.requestedBy}
        </span>
        <TimeAgo at={command.createdAt} />
        <span className="command-reason">{command.reason}</span>
        <button
          type="button"
          className="button small"
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => setOpen(!isOpen)}
        >
          {t(isOpen ? 'commands.hide' : 'commands.show')}
        </button>
      </div>
      <div id={id}>{isOpen && <CommandTimeline commandId={command.commandId} />}</div>
    </li>
  );
}
