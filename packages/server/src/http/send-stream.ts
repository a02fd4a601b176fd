import { once } from 'node:events';
import type { Logger } from '@infoscreen/service-kit';
import type { Response } from 'express';
import type { TextStream } from './define-route.ts';

/** A caller who takes nothing for so long, in ms, has gone. */
const STALLED_MS = 60_000;

export interface StreamedAnswer {
  readonly status: number;
  readonly stream: TextStream;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Sends the pieces as fast as the caller takes them. Where one can't be made, the connection is reset, so that what arrived
 * can't be taken for the whole: of a chunked answer the last chunk is missing, and an unchunked one (HTTP/1.0) would look
 * complete after an ordinary close. A caller that hangs up ends the making.
 */
export async function sendStream(
  res: Response,
  { status, stream, headers = {} }: StreamedAnswer,
  logger: Logger,
): Promise<void> {
  const { mediaType, fileName, pieces } = stream;
  res.status(status).set(headers).set('cache-control', 'no-store').attachment(fileName);
  res.set('content-type', `${mediaType}; charset=utf-8`);
  if (res.req.method === 'HEAD') {
    res.end();
    return;
  }
  res.setTimeout(STALLED_MS, () => res.socket?.resetAndDestroy());
  try {
    for await (const piece of pieces) {
      if (res.destroyed) return;
      const isTaken = res.write(piece);
      // What is compressed is sent on as well, so that a slow export shows that it goes on.
      (res as Partial<Pick<Response, 'flush'>>).flush?.();
      if (!isTaken) await untilTaken(res);
    }
    res.end();
  } catch (error) {
    if (res.destroyed) return;
    logger.error('an answer was cut in the middle', { file: fileName, error });
    res.socket?.resetAndDestroy();
  }
}

async function untilTaken(res: Response): Promise<void> {
  const settled = new AbortController();
  const happens = (event: string) => once(res, event, { signal: settled.signal });
  try {
    await Promise.race([happens('drain'), happens('close')]);
  } finally {
    settled.abort();
  }
}
