/** Tests run on the TypeScript sources (export condition `@infoscreen/source`); SWC strips the types, `tsc -b` checks them. */
export default {
  testEnvironment: 'node',
  roots: ['<rootDir>/packages', '<rootDir>/prisma', '<rootDir>/docs'],
  testMatch: ['**/test/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  modulePathIgnorePatterns: ['/dist/', '/dist-test/'],
  testEnvironmentOptions: { customExportConditions: ['@infoscreen/source', 'node', 'node-addons'] },
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
  globalSetup: '<rootDir>/packages/test-kit/jest-global-setup.mjs',
  globalTeardown: '<rootDir>/packages/test-kit/jest-global-teardown.mjs',
  maxWorkers: 2,
  workerIdleMemoryLimit: '768MB',
  testTimeout: 30_000,
};
