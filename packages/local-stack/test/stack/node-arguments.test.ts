import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_ARGUMENTS, nodeArgumentsOf, REPOSITORY_ROOT } from '@infoscreen/local-stack';
import { describe, expect, it } from '@jest/globals';

describe('the arguments of Node', () => {
  it.each(['server', 'listener', 'scheduler'])('of the %s are those of docker-compose.yml', (service) => {
    const compose = readFileSync(join(REPOSITORY_ROOT, 'docker-compose.yml'), 'utf8');
    const entry = `packages/${service}/dist/main.js`;
    const command = ['node', ...(NODE_ARGUMENTS[service] ?? []), entry];
    expect(compose).toContain(`command: [${command.map((word) => `"${word}"`).join(', ')}]`);
    expect(nodeArgumentsOf(`/somewhere/${entry}`)).toEqual(NODE_ARGUMENTS[service] ?? []);
  });
});
