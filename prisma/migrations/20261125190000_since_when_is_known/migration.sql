-- Since when the process of a screen has reported that it crashed; NULL where it doesn't report so. Without an index, so that
-- the update of a heartbeat stays within its page.
ALTER TABLE "client_states" ADD COLUMN "crashed_at" TIMESTAMPTZ(3);

-- One row: when the statuses of all clients were last compared with those told, and since when that has happened without an
-- interruption. What a status was before that, nobody saw.
CREATE TABLE "status_comparison" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "compared_at" TIMESTAMPTZ(3),
    "unbroken_since" TIMESTAMPTZ(3),

    CONSTRAINT "status_comparison_pkey" PRIMARY KEY ("id")
);
ALTER TABLE "status_comparison" ADD CONSTRAINT "status_comparison_single_check" CHECK ("id" = 1);
INSERT INTO "status_comparison" ("id") VALUES (1);

UPDATE "schema_compatibility" SET "version" = 9, "changed_at" = CURRENT_TIMESTAMP;
