import { type MonitoringSystemView, SERVICE_NAMES } from '@infoscreen/shared-types';

type SystemState = Omit<MonitoringSystemView, 'healthy' | 'problems'>;
type Loop = SystemState['services'][number]['report']['loops'][number];

/** What is wrong with the system, one sentence each, for people; none where all of it works. Pure. */
export function systemProblems({ database, broker, services, ingest }: SystemState): string[] {
  const problems: string[] = [];
  if (!database.up) problems.push('The database cannot be reached.');
  if (!broker.up) problems.push('This server is not connected to the broker: commands wait until it is.');
  for (const name of SERVICE_NAMES) {
    if (!services.some(({ service, up }) => service === name && up)) problems.push(`No ${name} is running.`);
  }
  for (const { service, instance, up, report } of services) {
    if (!up) continue;
    if (report.mqtt?.connected === false)
      problems.push(`${service} ${instance} is not connected to the broker.`);
    for (const loop of report.loops) {
      if (!loop.healthy) problems.push(`Loop ${loop.name} of ${service} ${instance} ${loopProblem(loop)}`);
    }
  }
  if (ingest.lanes.length === 0)
    problems.push('No lane of the ingest exists yet: messages of screens are not stored.');
  for (const { lane, holder, up } of ingest.lanes) {
    if (up) continue;
    problems.push(
      holder === null
        ? `Lane ${lane} of the ingest has no holder: messages of its screens wait.`
        : `Lane ${lane} of the ingest has stored nothing in time, although ${holder} holds it.`,
    );
  }
  if (broker.accounts_pending > 0)
    problems.push(`The broker has not taken ${broker.accounts_pending} screen accounts yet.`);
  for (const client of broker.suspended_clients)
    problems.push(`Screen ${client} floods: its account at the broker is disabled for a while.`);
  const flooding = services.filter(({ up }) => up).flatMap(({ report }) => report.rate_limited_clients ?? []);
  for (const client of new Set(flooding))
    problems.push(`Screen ${client} sends more than is taken of one: its surplus is refused.`);
  return problems;
}

/** A replica's first report is written before its loops have run: that is no failure, and passes with the next one. */
function loopProblem({ last_success_at, last_error }: Loop): string {
  return last_success_at === null && last_error === null
    ? 'has not succeeded yet.'
    : `has not succeeded in time: ${last_error ?? 'no error told'}.`;
}
