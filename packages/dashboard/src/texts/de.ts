import { deCommands } from './de-commands.ts';
import { deFleet } from './de-fleet.ts';
import { dePage } from './de-page.ts';

export const de = { ...dePage, ...deFleet, ...deCommands } as const;
