import { useCallback, useMemo, useState } from 'react';
import type { Screen } from '../api/api-types.ts';
import { useTexts } from '../texts/texts.ts';

/** Screens that were chosen by name: what matches a filter later isn't among them. */
export type Chosen = Pick<Screen, 'uuid' | 'hostname' | 'status'>;

export interface Selection {
  readonly chosen: ReadonlyMap<string, Chosen>;
  isSelected(uuid: string): boolean;
  readonly toggle: (screen: Screen) => void;
  readonly choose: (screens: readonly Screen[]) => void;
  readonly clear: () => void;
}

export function useSelection(): Selection {
  const [chosen, setChosen] = useState<ReadonlyMap<string, Chosen>>(new Map());
  const toggle = useCallback((screen: Screen) => {
    setChosen((before) => {
      const next = new Map(before);
      if (!next.delete(screen.uuid)) next.set(screen.uuid, screen);
      return next;
    });
  }, []);
  const choose = useCallback((screens: readonly Screen[]) => {
    setChosen((before) => new Map([...before, ...screens.map((screen) => [screen.uuid, screen] as const)]));
  }, []);
  const clear = useCallback(() => setChosen(new Map()), []);
  return useMemo(
    () => ({ chosen, isSelected: (uuid) => chosen.has(uuid), toggle, choose, clear }),
    [chosen, toggle, choose, clear],
  );
}

interface SelectAllBoxProps {
  readonly selection: Selection;
  readonly screens: readonly Screen[];
}

/** Chooses, or lets go of, every row that is loaded. */
export function SelectAllBox({ selection, screens }: SelectAllBoxProps) {
  const t = useTexts();
  const count = screens.filter(({ uuid }) => selection.isSelected(uuid)).length;
  const isAll = screens.length > 0 && count === screens.length;
  return (
    <div role="columnheader" className="cell-select">
      <input
        type="checkbox"
        aria-label={t('screens.selectLoaded')}
        checked={isAll}
        ref={(box) => {
          if (box !== null) box.indeterminate = count > 0 && !isAll;
        }}
        onChange={() => (isAll ? selection.clear() : selection.choose(screens))}
      />
    </div>
  );
}
