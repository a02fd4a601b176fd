import { type AddressInfo, createServer } from 'node:net';

/** Every server of the local stack listens here alone. */
export const LOOPBACK = '127.0.0.1';

/** A TCP port on loopback that nobody listened on a moment ago; somebody may take it before it is used. */
export function freePort(): Promise<number> {
  return listenBriefly(0);
}

/** Whether nobody listens on `port` of loopback at this moment. */
export async function isPortFree(port: number): Promise<boolean> {
  return listenBriefly(port).then(
    () => true,
    () => false,
  );
}

function listenBriefly(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(wanted, LOOPBACK, () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
