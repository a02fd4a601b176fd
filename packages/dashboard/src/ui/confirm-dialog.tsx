import { useState } from 'react';
import { useTexts } from '../texts/texts.ts';
import { Dialog } from './dialog.tsx';
import { ProblemText } from './problem-box.tsx';

interface ConfirmDialogProps {
  readonly title: string;
  readonly text: string;
  readonly verb: string;
  readonly onConfirm: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks once before something that can't be taken back; stays open with the reason where it fails. */
export function ConfirmDialog({ title, text, verb, onConfirm, onClose }: ConfirmDialogProps) {
  const t = useTexts();
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const confirm = async () => {
    setBusy(true);
    setError(null);
    try {
      await onConfirm();
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{text}</p>
      <div role="alert" className="form-error">
        {error !== null && <ProblemText error={error} />}
      </div>
      <div className="dialog-buttons">
        <button type="button" className="button" data-first-focus onClick={onClose}>
          {t('dialog.cancel')}
        </button>
        <button type="button" className="button danger" disabled={isBusy} onClick={() => void confirm()}>
          {verb}
        </button>
      </div>
    </Dialog>
  );
}
