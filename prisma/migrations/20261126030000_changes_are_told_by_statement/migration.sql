-- What changes many rows at once tells of them at once: one row of "change_log" for each as before, by one statement instead of a
-- trigger and a wake-up for each of them. Commands, failures and recoveries are told row by row as before: they come singly.
-- Services may run meanwhile. Taken at once and in the order in which they write, so that neither waits for the other in turn.
LOCK TABLE "clients", "client_states" IN SHARE ROW EXCLUSIVE MODE;

CREATE FUNCTION "create_client_states"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "client_states" ("client_uuid") SELECT "uuid" FROM "made" ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER "clients_have_a_state" AFTER INSERT ON "clients"
  REFERENCING NEW TABLE AS "made" FOR EACH STATEMENT EXECUTE FUNCTION "create_client_states"();

CREATE FUNCTION "tell_new_clients"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "change_log" ("kind", "client_uuid") SELECT 'client', "uuid" FROM "made";
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER "new_clients_are_told" AFTER INSERT ON "clients"
  REFERENCING NEW TABLE AS "made" FOR EACH STATEMENT EXECUTE FUNCTION "tell_new_clients"();

-- EXCEPT takes two NULLs for the same. A join would as well be planned once for all calls of a connection, and as the first of
-- them had it: for one row, each with each.
CREATE FUNCTION "tell_changed_clients"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "change_log" ("kind", "client_uuid") SELECT 'client', "uuid" FROM (
    SELECT "uuid", "hostname", "description", "group", "ip", "model", "os_version", "app_version", "pending", "deleted_at" FROM "after"
    EXCEPT
    SELECT "uuid", "hostname", "description", "group", "ip", "model", "os_version", "app_version", "pending", "deleted_at" FROM "before"
  ) "changed";
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER "changed_clients_are_told" AFTER UPDATE ON "clients"
  REFERENCING OLD TABLE AS "before" NEW TABLE AS "after" FOR EACH STATEMENT EXECUTE FUNCTION "tell_changed_clients"();

-- Heartbeats and metrics are not told, and come here all the same.
CREATE FUNCTION "tell_changed_states"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "change_log" ("kind", "client_uuid") SELECT 'client', "client_uuid" FROM (
    SELECT "client_uuid", "process_status", "presence_online", "boot_id", "last_message_at" IS NULL FROM "after"
    EXCEPT
    SELECT "client_uuid", "process_status", "presence_online", "boot_id", "last_message_at" IS NULL FROM "before"
  ) "changed";
  RETURN NULL;
END
$$;
CREATE OR REPLACE TRIGGER "changed_states_are_told" AFTER UPDATE ON "client_states"
  REFERENCING OLD TABLE AS "before" NEW TABLE AS "after" FOR EACH STATEMENT EXECUTE FUNCTION "tell_changed_states"();

DROP FUNCTION "create_client_state"();
DROP FUNCTION "tell_client_change"();

-- A discovery mostly changes what no index has, such as the address: with room on its page, the update leaves seven indexes alone, also
-- when all clients of a page come back at once. Pages that are full already get there as they are vacuumed.
ALTER TABLE "clients" SET (fillfactor = 60);

UPDATE "schema_compatibility" SET "version" = 12, "changed_at" = CURRENT_TIMESTAMP;
