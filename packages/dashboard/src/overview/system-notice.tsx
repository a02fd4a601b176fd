import { useTexts } from '../texts/texts.ts';
import { useSystem, useTroubles } from './overview-queries.ts';

/** What of our own doesn't work. It says so itself, so that nobody takes a broken link for a thousand dead screens. */
export function SystemNotice() {
  const t = useTexts();
  const system = useSystem();
  const troubles = useTroubles();
  return (
    <div role="alert">
      {troubles.length > 0 && (
        <section className="system-notice" aria-label={t('system.title')}>
          <h2>{t('system.title')}</h2>
          {troubles.map((trouble) => (
            <p key={trouble}>{t(`system.${trouble}`)}</p>
          ))}
          <details>
            <summary>{t('system.details')}</summary>
            <ul>
              {system.data?.problems.map((problem) => (
                <li key={problem} lang="en">
                  {problem}
                </li>
              ))}
            </ul>
          </details>
        </section>
      )}
    </div>
  );
}
