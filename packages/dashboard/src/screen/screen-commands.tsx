import type { ScreenDetail } from '../api/api-types.ts';
import { CommandList } from '../commands/command-list.tsx';
import { useTexts } from '../texts/texts.ts';
import { QueryView } from '../ui/query-view.tsx';
import { useScreenCommands } from './screen-queries.ts';

export function ScreenCommands({ screen }: { readonly screen: ScreenDetail }) {
  const t = useTexts();
  const commands = useScreenCommands(screen.uuid);
  return (
    <section aria-labelledby="commands-title">
      <h2 id="commands-title">{t('commands.ofScreen')}</h2>
      <QueryView query={commands}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="quiet">{t('commands.noneOfScreen')}</p>
          ) : (
            <CommandList commands={items} isFirstOpen />
          )
        }
      </QueryView>
    </section>
  );
}
