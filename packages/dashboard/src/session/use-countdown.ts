import { useEffect, useState } from 'react';

/** Counts whole seconds down to 0; `start` sets it. */
export function useCountdown(): { readonly seconds: number; readonly start: (seconds: number) => void } {
  const [endsAt, setEndsAt] = useState(0);
  const [seconds, setSeconds] = useState(0);
  useEffect(() => {
    const update = () => setSeconds(Math.max(0, Math.ceil((endsAt - Date.now()) / 1000)));
    update();
    if (endsAt <= Date.now()) return;
    const timer = setInterval(() => {
      update();
      if (Date.now() >= endsAt) clearInterval(timer);
    }, 250);
    return () => clearInterval(timer);
  }, [endsAt]);
  return { seconds, start: (wanted) => setEndsAt(Date.now() + wanted * 1000) };
}
