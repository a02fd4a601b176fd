import { serverLink } from '../api/server-link.ts';
import { useStore } from '../state/store.ts';
import { useLanguage, useTexts } from '../texts/texts.ts';

/** That what is shown is old, and since when, while the server doesn't answer. */
export function LostServerNotice() {
  const t = useTexts();
  const language = useLanguage();
  const { isLost, answeredAt } = useStore(serverLink);
  const time = new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(answeredAt);
  return (
    <div role="alert" className="lost-server">
      {isLost && <p>{t('live.lost', { time })}</p>}
    </div>
  );
}
