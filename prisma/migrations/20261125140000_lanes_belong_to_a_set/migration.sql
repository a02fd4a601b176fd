-- The lanes of one LISTENER_LANES are a set of their own, with sessions of their own at the broker: another number begins
-- beside it, and the old set goes when all that its sessions kept is stored. Rows are made anew by the listeners.
DELETE FROM "listener_lanes";

ALTER TABLE "listener_lanes" ADD COLUMN "lane_count" INTEGER NOT NULL DEFAULT 4;
ALTER TABLE "listener_lanes" DROP CONSTRAINT "listener_lanes_pkey";
ALTER TABLE "listener_lanes" ADD CONSTRAINT "listener_lanes_pkey" PRIMARY KEY ("lane_count", "lane");
ALTER TABLE "listener_lanes" ADD CONSTRAINT "listener_lanes_lane_check" CHECK ("lane" >= 0 AND "lane" < "lane_count");

-- A listener of before would share rows with the new ones, and not the sessions.
UPDATE "schema_compatibility" SET "version" = 4, "min_compatible_version" = 4, "changed_at" = CURRENT_TIMESTAMP;
