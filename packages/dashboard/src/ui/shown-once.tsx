import { useState } from 'react';
import { useTexts } from '../texts/texts.ts';
import { Dialog } from './dialog.tsx';

interface ShownOnceProps {
  readonly title: string;
  readonly text: string;
  readonly secret: string;
  readonly onClose: () => void;
}

/** A secret that the server shows this once. */
export function ShownOnce({ title, text, secret, onClose }: ShownOnceProps) {
  const t = useTexts();
  const [isCopied, setCopied] = useState(false);
  // Browsers have a clipboard only where the page came over HTTPS or from this machine.
  const copy = async () => {
    await navigator.clipboard.writeText(secret);
    setCopied(true);
  };
  return (
    <Dialog title={title}>
      <p>{text}</p>
      <p>
        <output className="secret">{secret}</output>
      </p>
      <div className="dialog-buttons">
        {'clipboard' in navigator && (
          <button type="button" className="button" onClick={() => void copy().catch(() => setCopied(false))}>
            {t(isCopied ? 'secret.copied' : 'secret.copy')}
          </button>
        )}
        <button type="button" className="button primary" onClick={onClose}>
          {t('secret.kept')}
        </button>
      </div>
    </Dialog>
  );
}
