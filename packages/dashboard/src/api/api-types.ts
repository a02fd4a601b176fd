import type {
  apiTokenPageSchema,
  auditEntrySchema,
  auditPageSchema,
  bulkCommandAnswerSchema,
  clientCountsSchema,
  clientDetailSchema,
  clientGroupsSchema,
  clientPageSchema,
  clientSchema,
  commandPageSchema,
  commandSchema,
  commandWithTimelineSchema,
  crashedClientPageSchema,
  crashedClientSchema,
  createdApiTokenSchema,
  fleetCommandSchema,
  healthHistorySchema,
  healthSampleSchema,
  lockoutSchema,
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

export type Screen = z.output<typeof clientSchema>;
export type ScreenPage = z.output<typeof clientPageSchema>;
export type ScreenDetail = z.output<typeof clientDetailSchema>;
export type Lockout = z.output<typeof lockoutSchema>;
export type CrashedScreen = z.output<typeof crashedClientSchema>;
export type CrashedPage = z.output<typeof crashedClientPageSchema>;
export type ServiceFailure = z.output<typeof serviceFailureSchema>;
export type ServiceFailurePage = z.output<typeof serviceFailurePageSchema>;
export type HealthSample = z.output<typeof healthSampleSchema>;
export type HealthHistory = z.output<typeof healthHistorySchema>;
export type Counts = z.output<typeof clientCountsSchema>;
export type Groups = z.output<typeof clientGroupsSchema>;

export type Command = z.output<typeof commandSchema>;
export type FleetCommand = z.output<typeof fleetCommandSchema>;
/** Of one screen, or of the fleet, with the name of its screen. */
export type ListedCommand = Command & Partial<Pick<FleetCommand, 'hostname'>>;
export type CommandPage = z.output<typeof commandPageSchema>;
export type CommandWithTimeline = z.output<typeof commandWithTimelineSchema>;
export type BulkAnswer = z.output<typeof bulkCommandAnswerSchema>;

export type AuditEntry = z.output<typeof auditEntrySchema>;
export type AuditPage = z.output<typeof auditPageSchema>;
export type UserPage = z.output<typeof userPageSchema>;
export type UserWithPassword = z.output<typeof userWithPasswordSchema>;
export type SessionPage = z.output<typeof sessionPageSchema>;
export type ApiTokenPage = z.output<typeof apiTokenPageSchema>;
export type CreatedApiToken = z.output<typeof createdApiTokenSchema>;
