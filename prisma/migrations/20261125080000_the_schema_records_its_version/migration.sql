-- One row: the version of the schema, and the lowest version of a service that may still work on it.
CREATE TABLE "schema_compatibility" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "version" INTEGER NOT NULL,
    "min_compatible_version" INTEGER NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "schema_compatibility_pkey" PRIMARY KEY ("id")
);

ALTER TABLE "schema_compatibility"
  ADD CONSTRAINT "schema_compatibility_single_check" CHECK ("id" = 1),
  ADD CONSTRAINT "schema_compatibility_order_check" CHECK ("min_compatible_version" <= "version");

INSERT INTO "schema_compatibility" ("version", "min_compatible_version") VALUES (3, 1);
