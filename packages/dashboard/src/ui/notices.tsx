import { createStore, useStore } from '../state/store.ts';
import { useTexts } from '../texts/texts.ts';

interface Notice {
  readonly id: number;
  readonly text: string;
}

const SHOWN_MS = 8_000;
const notices = createStore<readonly Notice[]>([]);
let lastId = 0;

/** Says in a corner, and to screen readers, that something was done. */
export function notify(text: string): void {
  lastId += 1;
  const id = lastId;
  notices.set([...notices.get(), { id, text }].slice(-3));
  setTimeout(() => dismiss(id), SHOWN_MS);
}

function dismiss(id: number): void {
  notices.set(notices.get().filter((notice) => notice.id !== id));
}

export function Notices() {
  const t = useTexts();
  return (
    <div className="notices" role="status" aria-live="polite">
      {useStore(notices).map(({ id, text }) => (
        <div key={id} className="notice">
          <span>{text}</span>
          <button
            type="button"
            className="button small"
            onClick={() => dismiss(id)}
            aria-label={t('app.dismiss')}
          >
            ×
          </button>
        </div>
      ))}
    </div>
  );
}
