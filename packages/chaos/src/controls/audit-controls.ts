import type { Control, ControlTest } from './control.ts';

const MIGRATION = 'prisma/migrations/20261125170000_the_audit_log_is_append_only/migration.sql';
const RIGHTS = 'prisma/src/service-role/service-rights.ts';
const rights = (name: string): ControlTest => ({ file: 'prisma/test/audit-log-rights.test.ts', name });
const role = (name: string): ControlTest => ({ file: 'prisma/test/service-role.test.ts', name });
const crash = (name: string): ControlTest => ({ file: 'packages/server/test/audit-crash.test.ts', name });
const complete = (name: string): ControlTest => ({
  file: 'packages/server/test/audit-completeness.test.ts',
  name,
});

/** That the audit log has everything, and that nobody changes it afterwards. */
export const AUDIT_CONTROLS: readonly Control[] = [
  {
    id: 'audit-append-only',
    file: RIGHTS,
    find: "'audit_log', 'audit_pending', 'schema_compatibility'],\n};",
    replace:
      "'audit_pending', 'schema_compatibility'],\n  'SELECT, INSERT, UPDATE, DELETE, TRUNCATE': ['audit_log'],\n};",
    test: rights('has no right to %s'),
  },
  {
    id: 'audit-rights-by-name',
    file: 'prisma/src/service-role/grant-service-rights.ts',
    find: 'REVOKE ALL ON TABLE',
    replace: 'REVOKE SELECT ON TABLE',
    test: role('takes back what somebody gave by hand'),
  },
  {
    id: 'audit-role-without-attributes',
    file: 'prisma/src/service-role/ensure-service-role.ts',
    find: 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE',
    replace: 'LOGIN NOSUPERUSER NOCREATEDB CREATEROLE',
    test: role('makes the role, which can log in and nothing else, where the owner may'),
  },
  {
    id: 'audit-functions-closed',
    file: MIGRATION,
    find: 'REVOKE ALL ON FUNCTION',
    replace: 'REVOKE GRANT OPTION FOR ALL ON FUNCTION',
    test: role('includes functions that run as the owner only where these are listed'),
  },
  {
    id: 'audit-retention-floor',
    file: MIGRATION,
    find: 'p_keep_days IS NULL OR p_keep_days < shortest_days',
    replace: 'p_keep_days IS NULL',
    test: rights('refuses a period of %s days, with a sentence'),
  },
  {
    id: 'audit-retention-keeps-young',
    file: MIGRATION,
    find: 'at < now() - make_interval(days => p_keep_days)',
    replace: 'at < now()',
    test: rights('removes an entry of 731 days and leaves one of 729'),
  },
  {
    id: 'audit-present-minute',
    file: MIGRATION,
    find: "date_trunc('minute', now()));",
    replace: "date_trunc('year', now()));",
    test: rights('takes its key from the minute, so that the next minute has a row of its own'),
  },
  {
    id: 'audit-one-row-for-a-network',
    file: 'packages/server/src/audit/audit-request.ts',
    find: 'requestState(req).user === null ? addressKey(ip) : ip',
    replace: 'ip',
    test: {
      file: 'packages/server/test/refusals.test.ts',
      name: 'refusals of a stranger are one row of each minute, from however many addresses of an IPv6 line',
    },
  },
  {
    id: 'audit-bounded',
    file: MIGRATION,
    find: 'octet_length(p_detail::text) > 32768',
    replace: 'octet_length(p_detail::text) > 1000000',
    test: rights('is bounded, whatever a service says'),
  },
  {
    id: 'audit-every-write',
    file: 'packages/server/src/http/handle-route.ts',
    find: '  await auditSuccess(req, answer, deps);\n',
    replace: '',
    test: complete('leaves exactly one entry when it succeeds'),
  },
  {
    id: 'audit-every-refusal',
    file: 'packages/server/src/http/error-handler.ts',
    find: '    if (isAudited(req, problem)) await inTurn(() => auditProblem(req, problem, deps));\n',
    replace: '',
    test: complete('leaves an entry when the role does not allow it'),
  },
  {
    id: 'audit-survives-a-kill',
    file: 'packages/server/src/http/handle-route.ts',
    find: '  if (route.recordsItself !== true) await auditBegin(req, deps);\n',
    replace: '',
    test: crash('because its server was killed in between, is there as unknown'),
  },
  {
    id: 'audit-no-write-without-a-note',
    file: 'packages/server/src/audit/audit-request.ts',
    find: '  await noteWriteBegun(pool, subjectOf(req));',
    replace: '  await noteWriteBegun(pool, subjectOf(req)).catch(() => {});',
    test: crash('is not done at all when it can not even be noted that it begins'),
  },
  {
    id: 'audit-command-with-its-entry',
    file: 'packages/commands/src/issue/issue-batches.ts',
    find: '    ...alongStatements(named),\n',
    replace: '',
    test: {
      file: 'packages/server/test/audited-commands.test.ts',
      name: 'is not issued when its entry can not be stored',
    },
  },
  {
    id: 'audit-lone-command-is-noted',
    file: 'packages/server/src/commands/send-command.ts',
    find: '      return audit.begin();\n',
    replace: '      return audit.begin().catch(() => {});\n',
    test: {
      file: 'packages/server/test/audited-commands.test.ts',
      name: 'that has to wait for another one of its client is noted first, and not issued when it can’t be',
    },
  },
  {
    id: 'audit-export-recorded',
    file: 'packages/server/src/http/handle-route.ts',
    find: '  if (answer.audit !== undefined) await auditRead(req, answer, deps);\n',
    replace: '',
    test: {
      file: 'packages/server/test/audit-export.test.ts',
      name: 'is in the audit log itself, with who and which filters, before its first line',
    },
  },
  {
    id: 'csv-formulas',
    file: 'packages/server/src/http/csv-text.ts',
    find: 'escape_formulas: true',
    replace: 'escape_formulas: false',
    test: {
      file: 'packages/server/test/audit-export.test.ts',
      name: 'as CSV has no formula that a spreadsheet would run',
    },
  },
  {
    id: 'export-cut-shows',
    file: 'packages/server/src/http/send-stream.ts',
    find: '    res.socket?.resetAndDestroy();\n',
    replace: '    res.end();\n',
    test: {
      file: 'packages/server/test/send-stream.test.ts',
      name: 'that fails half-way can not be taken for the whole',
    },
  },
  {
    id: 'stop-cut-shows',
    file: 'packages/server/src/http/create-http-server.ts',
    find: 'socket.resetAndDestroy();',
    replace: 'socket.destroy();',
    test: {
      file: 'packages/server/test/http-limits.test.ts',
      name: 'a server that stops resets what it has not finished',
    },
  },
  {
    id: 'services-without-the-owner',
    file: 'packages/local-stack/src/stack/service-environment.ts',
    find: "const NOT_FOR_SERVICES = ['POSTGRES_PASSWORD', 'POSTGRES_SERVICE_PASSWORD', 'MIGRATION_DATABASE_URL'];",
    replace: 'const NOT_FOR_SERVICES: string[] = [];',
    test: {
      file: 'packages/local-stack/test/stack/service-environment.test.ts',
      name: 'services are given the database account that is theirs, and not the one of the owner',
    },
  },
  {
    id: 'warned-of-a-mighty-account',
    file: 'packages/service-kit/src/operations/check-schema.ts',
    find: '        if (logger !== undefined) await checkAccountRights(pool, logger);\n',
    replace: '',
    test: {
      file: 'packages/service-kit/test/check-schema.test.ts',
      name: 'warns of an account that could change the audit log',
    },
  },
];
