import type { RequestHandler } from 'express';
import helmet from 'helmet';

/** What no page of ours asks a browser for. */
const PERMISSIONS_POLICY = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

/**
 * Nothing but our own files; no HSTS and no upgrade to HTTPS, because plain HTTP in a local network is supported and a
 * proxy that ends TLS adds them. Browsers ignore, and complain of, what counts on HTTPS alone: it is sent there only.
 */
export function securityHeaders(): RequestHandler {
  const overHttp = withHelmet({ isHttps: false });
  const overHttps = withHelmet({ isHttps: true });
  return (req, res, next) => {
    res.set('permissions-policy', PERMISSIONS_POLICY);
    (req.secure ? overHttps : overHttp)(req, res, next);
  };
}

function withHelmet({ isHttps }: { readonly isHttps: boolean }): ReturnType<typeof helmet> {
  return helmet({
    strictTransportSecurity: false,
    crossOriginOpenerPolicy: isHttps,
    originAgentCluster: isHttps,
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'", 'data:'],
        fontSrc: ["'self'"],
        connectSrc: ["'self'"],
        manifestSrc: ["'self'"],
        formAction: ["'self'"],
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
  });
}
