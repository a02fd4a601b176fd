/** A client, command, user and session that `fillLargeFleet` makes. */
export interface Known {
  readonly clientUuid: string;
  readonly commandId: string;
}

const FROM_TO = 'from=2026-01-01T00:00:00Z&to=2027-01-01T00:00:00Z';
const SORTS = ['hostname', 'last_alive', 'status', 'group', 'app_version', 'mqtt_reconnect_count'];

/**
 * For each route that reads: queries that together ask for everything it can be asked for. Where it has pages, each is asked
 * for the page after the first as well. A route that isn't listed fails the test, and so does a parameter.
 */
export const READS: Readonly<Record<string, (known: Known) => readonly string[]>> = {
  'get /api/auth/me': () => [''],
  'get /api/auth/sessions': () => ['?limit=1'],
  'get /api/tokens': () => ['?limit=1'],
  'get /api/clients': () => [
    ...SORTS.flatMap((sort) => [`?limit=10&sort=${sort}`, `?limit=10&sort=-${sort}`]),
    '?group=site-7',
    '?group=site-7&sort=-last_alive',
    '?text=SCREEN-00042',
    ...['never_seen', 'unreachable', 'crashed', 'degraded', 'healthy'].map(
      (status) => `?limit=5&status=${status}`,
    ),
    '?status=degraded&group=site-7&text=screen',
  ],
  'get /api/clients/counts': () => ['', '?group=site-7', '?text=screen-0001', '?status=crashed'],
  'get /api/clients/groups': () => [''],
  'get /api/clients/{uuid}': () => [''],
  'get /api/clients/with_alive_status': () => [''],
  'get /api/clients/crashed': () => ['?limit=5'],
  'get /api/clients/service_failed': () => ['?limit=5'],
  'get /api/clients/{uuid}/service_failures': () => ['?limit=1'],
  'get /api/clients/{uuid}/health': () => ['', `?${FROM_TO}`],
  'get /api/clients/{uuid}/commands': () => ['?limit=1', '?status=completed', '?action=restart_app'],
  'get /api/clients/commands/{command_id}': () => [''],
  'get /api/commands': ({ clientUuid }) => [
    '?limit=5',
    '?limit=5&status=queued&status=published',
    '?limit=5&status=failed',
    '?limit=5&action=shutdown_host',
    '?limit=5&requested_by=user-7',
    `?client_uuid=${clientUuid}`,
    '?limit=5&group=site-7',
    `?limit=5&${FROM_TO}`,
    '?status=failed&action=reboot_host&requested_by=user-7&group=site-7',
    `?format=csv&client_uuid=${clientUuid}`,
  ],
  'get /api/enrolment_tokens': () => ['?limit=5'],
  'get /api/monitoring/overview': () => [''],
  'get /api/monitoring/system': () => [''],
  'get /api/users': () => ['?limit=5'],
  'get /api/audit': () => [
    '?limit=5',
    '?limit=5&actor=user-7',
    '?limit=5&action=logIn',
    '?limit=5&target=no-such-target',
    '?limit=5&outcome=refused',
    `?limit=5&${FROM_TO}`,
    '?actor=user-7&action=logIn&outcome=refused&target=x',
    '?format=csv&actor=user-7&action=logIn&from=2026-11-01T00:00:00Z',
  ],
};
