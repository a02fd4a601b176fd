import { enCommands } from './en-commands.ts';
import { enFleet } from './en-fleet.ts';
import { enPage } from './en-page.ts';

export const en = { ...enPage, ...enFleet, ...enCommands } as const;
