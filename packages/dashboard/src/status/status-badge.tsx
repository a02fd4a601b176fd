import type { ClientStatus, CommandStatus } from '@infoscreen/shared-types';
import { useTexts } from '../texts/texts.ts';
import { COMMAND_LOOK, type Look, SCREEN_LOOK } from './status-look.ts';

function Badge({ look, text }: { readonly look: Look; readonly text: string }) {
  return (
    <span className={`badge ${look.tone}`}>
      <span aria-hidden="true" className="shape">
        {look.shape}
      </span>
      {text}
    </span>
  );
}

export function ScreenStatus({ status }: { readonly status: ClientStatus }) {
  const t = useTexts();
  return <Badge look={SCREEN_LOOK[status]} text={t(`status.${status}`)} />;
}

export function CommandStatusBadge({ status }: { readonly status: CommandStatus }) {
  const t = useTexts();
  return <Badge look={COMMAND_LOOK[status]} text={t(`commandStatus.${status}`)} />;
}
