import { join } from 'node:path';
import { stackEnvironment } from './env.ts';
import { REPOSITORY_ROOT } from './repository-root.ts';
import { runStack } from './stack/run-stack.ts';
import { readEnvFile } from './stack/stack-env-file.ts';

await runStack(() => [stackEnvironment(), readEnvFile(join(REPOSITORY_ROOT, '.env'))]);
