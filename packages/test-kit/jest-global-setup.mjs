/** Jest loads this file as it is: what it starts comes from `dist`. */
export default async function setUp() {
  const { startTestRun } = await import('./dist/jest-run.js').catch((cause) => {
    throw new Error('The test kit is not built: run "npm run build" (or "npx tsc -b packages/test-kit").', {
      cause,
    });
  });
  await startTestRun();
}
