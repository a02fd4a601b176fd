import { deFleet } from './de-fleet.ts';
import { dePage } from './de-page.ts';

export const de = { ...dePage, ...deFleet } as const;
