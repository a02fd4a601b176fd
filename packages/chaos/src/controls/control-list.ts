import { AUDIT_CONTROLS } from './audit-controls.ts';
import { BROKER_CONTROLS } from './broker-controls.ts';
import type { Control } from './control.ts';
import { INPUT_CONTROLS } from './input-controls.ts';
import { PEOPLE_CONTROLS } from './people-controls.ts';
import { TLS_CONTROLS } from './tls-controls.ts';

/** Every control of docs/security.md. */
export const CONTROLS: readonly Control[] = [
  ...PEOPLE_CONTROLS,
  ...BROKER_CONTROLS,
  ...TLS_CONTROLS,
  ...INPUT_CONTROLS,
  ...AUDIT_CONTROLS,
];
