-- None of these is on what a heartbeat changes: those updates stay HOT.

-- The open failures of one client: those of a page of clients are looked up one by one.
CREATE INDEX "service_failures_open_of_client_idx" ON "service_failures" ("client_uuid", "failed_at" DESC, "id") WHERE "cleared_at" IS NULL;

-- Clients by group and by version, both ways, those without one last. The first one also finds the clients of a group whose
-- commands are asked for, deleted ones among them.
DROP INDEX "clients_by_group_idx";
CREATE INDEX "clients_by_group_idx" ON "clients" ("group", "uuid");
CREATE INDEX "clients_by_group_down_idx" ON "clients" ("group" DESC NULLS LAST, "uuid" DESC) WHERE "deleted_at" IS NULL;
CREATE INDEX "clients_by_app_version_idx" ON "clients" ("app_version" COLLATE "natural_order", "uuid") WHERE "deleted_at" IS NULL;
CREATE INDEX "clients_by_app_version_down_idx" ON "clients" ("app_version" COLLATE "natural_order" DESC NULLS LAST, "uuid" DESC) WHERE "deleted_at" IS NULL;

-- What one person asked for, newest first; the audit log by person and by subject; tokens, newest first.
CREATE INDEX "client_commands_requester_idx" ON "client_commands" ("requested_by", "created_at" DESC, "command_id" DESC);
CREATE INDEX "audit_log_actor_idx" ON "audit_log" ("actor", "at" DESC, "id" DESC);
CREATE INDEX "audit_log_target_idx" ON "audit_log" ("target", "at" DESC, "id" DESC);
CREATE INDEX "api_tokens_listed_idx" ON "api_tokens" ("created_at" DESC, "id" DESC);
CREATE INDEX "enrolment_tokens_listed_idx" ON "enrolment_tokens" ("created_at" DESC, "id" DESC);
CREATE INDEX "enrolment_tokens_expires_at_idx" ON "enrolment_tokens" ("expires_at");

-- How many accounts the broker has still to be told of is a value of a column: of a comparison of two columns the planner
-- knows nothing, takes it for true almost everywhere, and reads the whole table.
ALTER TABLE "broker_accounts" ADD COLUMN "is_untold" BOOLEAN GENERATED ALWAYS AS ("applied_version" IS DISTINCT FROM "version") STORED;
DROP INDEX "broker_accounts_pending_idx";
CREATE INDEX "broker_accounts_pending_idx" ON "broker_accounts" ("client_uuid") WHERE "is_untold" OR "suspended_until" IS NOT NULL;

UPDATE "schema_compatibility" SET "version" = 11, "changed_at" = CURRENT_TIMESTAMP;
