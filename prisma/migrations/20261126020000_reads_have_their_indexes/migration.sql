-- None of these is on what a heartbeat changes: those updates stay HOT.

-- The open failures of one client: those of a page of clients are looked up one by one.
CREATE INDEX "service_failures_open_of_client_idx" ON "service_failures" ("client_uuid", "failed_at" DESC, "id") WHERE "cleared_at" IS NULL;

-- Clients by group and by version, both ways, those without one last.
CREATE INDEX "clients_by_group_down_idx" ON "clients" ("group" DESC NULLS LAST, "uuid" DESC) WHERE "deleted_at" IS NULL;
CREATE INDEX "clients_by_app_version_idx" ON "clients" ("app_version" COLLATE "natural_order", "uuid") WHERE "deleted_at" IS NULL;
CREATE INDEX "clients_by_app_version_down_idx" ON "clients" ("app_version" COLLATE "natural_order" DESC NULLS LAST, "uuid" DESC) WHERE "deleted_at" IS NULL;

UPDATE "schema_compatibility" SET "version" = 11, "changed_at" = CURRENT_TIMESTAMP;
