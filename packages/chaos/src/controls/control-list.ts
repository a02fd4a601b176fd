import { AUDIT_CONTROLS } from './audit-controls.ts';
import type { Control } from './control.ts';
import { INPUT_CONTROLS } from './input-controls.ts';

/** Every control of docs/security.md that a test holds. */
export const CONTROLS: readonly Control[] = [...INPUT_CONTROLS, ...AUDIT_CONTROLS];
