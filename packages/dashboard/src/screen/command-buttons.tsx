import type { CommandAction } from '@infoscreen/shared-types';
import { useState } from 'react';
import type { ScreenDetail } from '../api/api-types.ts';
import { useTexts } from '../texts/texts.ts';
import { TimeAgo } from '../time/time-ago.tsx';
import { CommandDialog } from './command-dialog.tsx';
import { lockoutOf } from './lockout-of.ts';

const ACTIONS: readonly CommandAction[] = ['restart_app', 'reboot_host', 'shutdown_host'];

export function CommandButtons({ screen }: { readonly screen: ScreenDetail }) {
  const t = useTexts();
  const [action, setAction] = useState<CommandAction | null>(null);
  return (
    <div className="command-buttons">
      <div className="button-row">
        {ACTIONS.map((name) => (
          <button
            key={name}
            type="button"
            className={`button${name === 'shutdown_host' ? ' danger-outline' : ''}`}
            onClick={() => setAction(name)}
          >
            {t(`action.${name}`)}
          </button>
        ))}
      </div>
      {ACTIONS.map((name) => {
        const lockout = lockoutOf(screen, name);
        return lockout === null ? null : (
          <p key={name} className="lockout-note">
            <span aria-hidden="true">⊘</span> {t('lockout.holds', { action: t(`action.${name}`) })}{' '}
            <TimeAgo at={lockout.free_at} />
          </p>
        );
      })}
      {action !== null && <CommandDialog screen={screen} action={action} onClose={() => setAction(null)} />}
    </div>
  );
}
