-- A screen that floods loses its broker account for a while: the listener says until when, and the server has the broker disable it
-- and enable it again. `suspended_applied`: the broker has been told.
ALTER TABLE "broker_accounts"
  ADD COLUMN "suspended_until" TIMESTAMPTZ(3),
  ADD COLUMN "suspended_applied" BOOLEAN NOT NULL DEFAULT false,
  ADD CONSTRAINT "broker_accounts_suspended_check" CHECK ("suspended_until" IS NOT NULL OR NOT "suspended_applied");

-- What the server looks for every second: one small index for both kinds of need.
DROP INDEX "broker_accounts_pending_idx";
CREATE INDEX "broker_accounts_pending_idx" ON "broker_accounts" ("client_uuid")
  WHERE "applied_version" IS DISTINCT FROM "version" OR "suspended_until" IS NOT NULL;

UPDATE "schema_compatibility" SET "version" = 7, "changed_at" = CURRENT_TIMESTAMP;
