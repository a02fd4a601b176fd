import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Broker, type Mosquitto, startMosquitto } from '@infoscreen/local-stack';

export interface ChaosBroker {
  readonly broker: Broker;
  readonly admin: { readonly username: string; readonly password: string };
  /** When it last wrote its state to the disk, milliseconds since the epoch; 0 when it never did. */
  lastSavedAt(): number;
  /** Starts it again, as often as that takes. */
  bringBack(): Promise<void>;
}

const RETRY_MS = 200;

export async function startChaosBroker(
  folder: string,
  mosquitto: Mosquitto | undefined,
): Promise<ChaosBroker> {
  const dir = join(folder, 'broker');
  const admin = { username: 'account-admin', password: randomBytes(24).toString('base64url') };
  const broker = await startMosquitto({
    dir,
    adminUsername: admin.username,
    adminPassword: admin.password,
    ...(mosquitto === undefined ? {} : { mosquitto }),
  });
  return {
    broker,
    admin,
    lastSavedAt: () => statSync(join(dir, 'mosquitto.db'), { throwIfNoEntry: false })?.mtimeMs ?? 0,
    bringBack: async () => {
      for (;;) {
        try {
          return await broker.restart();
        } catch {
          await pause(RETRY_MS);
        }
      }
    },
  };
}
