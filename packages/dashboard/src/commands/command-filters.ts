import {
  COMMAND_ACTIONS,
  COMMAND_STATUSES,
  type CommandAction,
  type CommandStatus,
} from '@infoscreen/shared-types';

/** What the history shows, as the address of the page holds it; days are the viewer's, `YYYY-MM-DD`. */
export interface CommandFilters {
  readonly status: CommandStatus | '';
  readonly action: CommandAction | '';
  readonly person: string;
  readonly fromDay: string;
  readonly toDay: string;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Pure. */
export function commandFiltersOf(parameters: URLSearchParams): CommandFilters {
  const day = (name: string) => {
    const value = parameters.get(name) ?? '';
    return DAY.test(value) && !Number.isNaN(Date.parse(value)) ? value : '';
  };
  return {
    status: COMMAND_STATUSES.find((status) => status === parameters.get('status')) ?? '',
    action: COMMAND_ACTIONS.find((action) => action === parameters.get('action')) ?? '',
    person: (parameters.get('person') ?? '').slice(0, 200),
    fromDay: day('from'),
    toDay: day('to'),
  };
}

export function commandParametersOf(filters: CommandFilters): Record<string, string> {
  const { status, action, person, fromDay: from, toDay: to } = filters;
  return Object.fromEntries(
    Object.entries({ status, action, person, from, to }).filter(([, value]) => value !== ''),
  );
}

/** The question to the API: a day is from its midnight to the next, where the viewer is. */
export function commandQueryOf(filters: CommandFilters): Record<string, string | undefined> {
  return {
    status: filters.status,
    action: filters.action,
    requested_by: filters.person.trim(),
    from: midnight(filters.fromDay, 0),
    to: midnight(filters.toDay, 1),
  };
}

function midnight(day: string, daysLater: number): string | undefined {
  if (day === '') return undefined;
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + daysLater).toISOString();
}
