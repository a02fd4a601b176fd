-- Retention: each kind of old row is found by an index, and so is what refers to a row that goes.
CREATE INDEX "service_failures_cleared_at_idx" ON "service_failures" ("cleared_at") WHERE "cleared_at" IS NOT NULL;
CREATE INDEX "client_boots_first_seen_at_idx" ON "client_boots" ("first_seen_at");
CREATE INDEX "client_boots_command_id_idx" ON "client_boots" ("command_id") WHERE "command_id" IS NOT NULL;
CREATE INDEX "crash_recoveries_last_command_id_idx" ON "crash_recoveries" ("last_command_id") WHERE "last_command_id" IS NOT NULL;
