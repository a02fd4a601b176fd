import type {
  apiTokenPageSchema,
  auditEntrySchema,
  auditPageSchema,
  ClientStatus,
  clientDetailSchema,
  clientPageSchema,
  clientRecoverySchema,
  clientSchema,
  commandPageSchema,
  commandSchema,
  commandWithTimelineSchema,
  crashedClientPageSchema,
  crashedClientSchema,
  createdApiTokenSchema,
  healthHistorySchema,
  healthSampleSchema,
  serviceFailurePageSchema,
  serviceFailureSchema,
  sessionPageSchema,
  userPageSchema,
  userWithPasswordSchema,
} from '@infoscreen/shared-types';
import type { z } from 'zod';

export type {
  ApiTokenView,
  MonitoringSystemView,
  Problem,
  SessionView,
  UserView,
} from '@infoscreen/shared-types';

export interface Page<Item> {
  readonly items: Item[];
  readonly nextCursor: string | null;
}

type Recovery = z.output<typeof clientRecoverySchema> & { readonly exhausted_at?: string | null };
export type Screen = z.output<typeof clientSchema> & { readonly recovery?: Recovery | null };
export type ScreenPage = z.output<typeof clientPageSchema>;
export type ScreenDetail = z.output<typeof clientDetailSchema> & {
  readonly lockout?: readonly Lockout[];
};
export interface Lockout {
  readonly action: 'reboot_host' | 'restart_app';
  readonly remaining: number;
  readonly free_at: string | null;
}
export type CrashedScreen = z.output<typeof crashedClientSchema>;
export type CrashedPage = z.output<typeof crashedClientPageSchema>;
export type ServiceFailure = z.output<typeof serviceFailureSchema>;
export type ServiceFailurePage = z.output<typeof serviceFailurePageSchema>;
export type HealthSample = z.output<typeof healthSampleSchema>;
export type HealthHistory = z.output<typeof healthHistorySchema>;
export interface Counts {
  readonly total: number;
  readonly by_status: Readonly<Partial<Record<ClientStatus, number>>>;
}
export interface Groups {
  readonly items: readonly { readonly group: string; readonly count: number }[];
}

export type Command = z.output<typeof commandSchema>;
export type FleetCommand = Command & { readonly hostname?: string | null };
export type CommandPage = z.output<typeof commandPageSchema>;
export type CommandWithTimeline = z.output<typeof commandWithTimelineSchema>;
export interface BulkAnswer {
  readonly items: readonly {
    readonly client_uuid: string;
    readonly outcome: 'accepted' | 'blocked_safety' | 'client_not_found';
    readonly command: Command | null;
  }[];
}

export type AuditEntry = z.output<typeof auditEntrySchema>;
export type AuditPage = z.output<typeof auditPageSchema>;
export type UserPage = z.output<typeof userPageSchema>;
export type UserWithPassword = z.output<typeof userWithPasswordSchema>;
export type SessionPage = z.output<typeof sessionPageSchema>;
export type ApiTokenPage = z.output<typeof apiTokenPageSchema>;
export type CreatedApiToken = z.output<typeof createdApiTokenSchema>;
