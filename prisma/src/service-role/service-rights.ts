/**
 * What the role of the services may do, by name: a table that stands in no list is closed to it. A test fails for a table
 * that was forgotten.
 */
export const SERVICE_RIGHTS: Readonly<Record<string, readonly string[]>> = {
  'SELECT, INSERT, UPDATE, DELETE': [
    'api_tokens',
    'broker_accounts',
    'change_log',
    'client_boots',
    'client_command_events',
    'client_commands',
    'client_states',
    'clients',
    'crash_recoveries',
    'enrolment_tokens',
    'health_samples',
    'idempotency_keys',
    'known_login_addresses',
    'listener_lanes',
    'rate_limits',
    'recovery_watch',
    'rejected_messages',
    'service_failures',
    'service_instances',
    'status_comparison',
    'told_statuses',
    'user_sessions',
    'users',
  ],
  // The audit log is written through functions alone.
  SELECT: ['_prisma_migrations', 'audit_log', 'audit_pending', 'schema_compatibility'],
};

/** They run with the rights of their owner, so each checks for itself what it is asked to do. */
export const SERVICE_FUNCTIONS: readonly string[] = [
  'note_write_begun',
  'record_refusal',
  'record_unfinished_writes',
  'record_write',
  'remove_old_audit_entries',
];
