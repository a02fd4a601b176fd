import { fileURLToPath } from 'node:url';

/** The clone's top folder; the same seen from `src` and from `dist`. */
export const REPOSITORY_ROOT = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '');
