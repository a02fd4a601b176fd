/** The counterpart of `jest-global-setup.mjs`, in the same process. */
export default async function tearDown() {
  const { endTestRun } = await import('./dist/jest-run.js');
  await endTestRun();
}
