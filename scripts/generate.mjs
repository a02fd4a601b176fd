#!/usr/bin/env node
// Generates the Prisma client. `prisma generate` needs no native engine, but it looks for one: any existing
// file named in PRISMA_SCHEMA_ENGINE_BINARY keeps it from trying to download it.
import { spawnSync } from 'node:child_process';

const { status } = spawnSync(
  'npx',
  ['--no-install', 'prisma', 'generate', '--config', 'prisma/prisma.config.ts'],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
    env: {
      ...process.env,
      PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
      PRISMA_HIDE_UPDATE_MESSAGE: '1',
      CHECKPOINT_DISABLE: '1',
    },
  },
);
process.exit(status ?? 1);
