import { deviceAccess } from './topic-access.ts';

/** What Mosquitto puts the name in the certificate for. */
const OWN_NAME = '%u';

/**
 * Mosquitto's `acl_file` for screens that log in with a certificate: `deviceAccess` of whoever the certificate names.
 * Such a file decides what is delivered and not what may be subscribed to, so that a filter that reaches further is granted and
 * brings nothing.
 */
export function certificateRules(): string {
  const { publish, receive } = deviceAccess(OWN_NAME);
  const lines = [
    '# Rules for screens that log in with a certificate; %u is the name in it. Made from packages/shared-types, as a test sees to.',
    ...publish.map((topic) => `pattern write ${topic}`),
    ...receive.map((topic) => `pattern read ${topic}`),
  ];
  return `${lines.join('\n')}\n`;
}
