import { startTcpProxy, type TcpProxy } from '@infoscreen/test-kit';

/** A named TCP link that can be broken. */
export interface Link extends Pick<TcpProxy, 'host' | 'port' | 'stall' | 'resume' | 'cut' | 'stop'> {
  readonly name: string;
}

export async function openLink(name: string, port: number): Promise<Link> {
  const proxy = await startTcpProxy({ target: { host: '127.0.0.1', port } });
  return { ...proxy, name };
}
