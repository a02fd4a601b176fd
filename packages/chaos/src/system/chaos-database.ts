import { randomBytes } from 'node:crypto';
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { giveToServers, type PostgresServer, startPostgres } from '@infoscreen/local-stack';
import { letServicesIn, migrate } from '@infoscreen/prisma';
import pg from 'pg';
import { mountSmallDisk, type SmallDisk } from './small-disk.ts';

export interface ChaosDatabase {
  readonly server: PostgresServer;
  /** Of the tables' owner, past every proxy. */
  readonly url: string;
  /** The same of the services' role. */
  readonly serviceUrl: string;
  readonly disk: SmallDisk | null;
  /** Why there is no disk that can be filled; `null` where there is one, or none was wanted. */
  readonly noDiskBecause: string | null;
  /** Starts it again, as often as that takes. */
  bringBack(): Promise<void>;
  stop(): Promise<void>;
}

/** As an installation has them, fsync included, since it is killed; small in memory and on disk. */
const SETTINGS = {
  max_connections: '200',
  shared_buffers: '64MB',
  min_wal_size: '32MB',
  max_wal_size: '96MB',
};
const DISK_MEGABYTES = 512;
const RETRY_MS = 500;
const DATABASE = 'infoscreen';
const SERVICE_ACCOUNT = ['infoscreen_service', randomBytes(24).toString('base64url')] as const;

/** A migrated database on a server of its own; on a disk that can be filled, where `wantsSmallDisk` and it can be had. */
export async function startChaosDatabase(folder: string, wantsSmallDisk: boolean): Promise<ChaosDatabase> {
  const mounted = wantsSmallDisk ? mountSmallDisk(join(folder, 'disk'), DISK_MEGABYTES) : null;
  const disk = typeof mounted === 'string' ? null : mounted;
  try {
    if (disk !== null) {
      giveToServers(disk.folder);
      chmodSync(disk.folder, 0o700);
    }
    const server = await startPostgres({
      dataDir: join(disk?.folder ?? folder, 'postgres'),
      settings: SETTINGS,
    });
    await createDatabase(server.url('postgres'));
    const url = server.url(DATABASE);
    const serviceUrl = new URL(url);
    [serviceUrl.username, serviceUrl.password] = SERVICE_ACCOUNT;
    await migrate({ url });
    await letServicesIn({ url, serviceUrl: serviceUrl.href });
    return {
      server,
      url,
      serviceUrl: serviceUrl.href,
      disk,
      noDiskBecause: typeof mounted === 'string' ? mounted : null,
      bringBack: () => bringBack(server),
      stop: async () => {
        await server.stop('immediate');
        disk?.unmount();
      },
    };
  } catch (error) {
    disk?.unmount();
    throw error;
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

async function bringBack(server: PostgresServer): Promise<void> {
  for (;;) {
    try {
      return await server.start();
    } catch {
      // A full disk, or backends of the dead server that are still there.
      await pause(RETRY_MS);
    }
  }
}
