import { constants } from 'node:zlib';
import compression from 'compression';
import type { RequestHandler } from 'express';

/** Smaller answers gain nothing. */
export const COMPRESSED_FROM_BYTES = 1024;
/** Higher ones take up to five times as long for a tenth less. Brotli at 1 is faster than gzip, and smaller. */
const GZIP_LEVEL = 1;
const BROTLI_QUALITY = 1;
/** 256 KiB of memory for each answer, where the default takes 4 MiB. */
const BROTLI_WINDOW_BITS = 18;
const COMPRESSIBLE =
  /^(application\/(json|problem\+json|x-ndjson)|text\/(csv|html|css|javascript|plain)|image\/svg\+xml)\b/;

/**
 * Compresses what is read, where the caller takes it. Nothing else: a write's answer may hold a secret beside what the caller
 * sent, and the length of the two compressed together would tell of it (BREACH). No answer to a GET has a secret. A
 * stream of events isn't compressed either: each event would wait for the next one in a buffer.
 */
export function compressedAnswers(): RequestHandler {
  return compression({
    threshold: COMPRESSED_FROM_BYTES,
    level: GZIP_LEVEL,
    brotli: {
      params: {
        [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY,
        [constants.BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
      },
    },
    // A part of a file (206) is a part of its own bytes.
    filter: (req, res) =>
      req.method === 'GET' &&
      res.statusCode !== 206 &&
      COMPRESSIBLE.test(String(res.getHeader('content-type') ?? '')),
  });
}
