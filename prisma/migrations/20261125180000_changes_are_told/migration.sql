-- Services may run meanwhile. Taken at once and in the order in which they write, so that neither waits for the other in turn.
LOCK TABLE "clients", "client_states", "crash_recoveries", "service_failures", "client_commands" IN SHARE ROW EXCLUSIVE MODE;

-- What changed, for whoever watches: read by the servers, kept for an hour. A row says only that something is to be read
-- anew. `xid` is the transaction that wrote it: what a reader has seen is told by its snapshot, never by an order of ids,
-- because transactions commit in another order than they begin.
CREATE TABLE "change_log" (
    "id" BIGSERIAL NOT NULL,
    "xid" XID8 NOT NULL DEFAULT pg_current_xact_id(),
    "kind" TEXT NOT NULL,
    "client_uuid" UUID NOT NULL,
    "command_id" UUID,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "change_log_pkey" PRIMARY KEY ("id")
);
CREATE INDEX "change_log_xid_idx" ON "change_log"("xid");
CREATE INDEX "change_log_at_idx" ON "change_log"("at");
ALTER TABLE "change_log"
  ADD CONSTRAINT "change_log_kind_check" CHECK ("kind" IN ('client', 'command', 'failure')),
  ADD CONSTRAINT "change_log_command_check" CHECK (("kind" = 'command') = ("command_id" IS NOT NULL));

-- The status of each client that was told last: most changes of it come with time, not with a message.
CREATE TABLE "told_statuses" (
    "client_uuid" UUID NOT NULL,
    "status" TEXT NOT NULL,
    "since" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),

    CONSTRAINT "told_statuses_pkey" PRIMARY KEY ("client_uuid")
);
ALTER TABLE "told_statuses" ADD CONSTRAINT "told_statuses_client_uuid_fkey" FOREIGN KEY ("client_uuid") REFERENCES "clients"("uuid") ON DELETE CASCADE ON UPDATE NO ACTION;

-- The triggers write with the rights of whoever changes something, from the moment of this commit on: so whoever may write
-- commands may write here, before anybody gets to grant it by name.
DO $$
DECLARE
  writer TEXT;
BEGIN
  FOR writer IN
    SELECT DISTINCT CASE acl.grantee WHEN 0 THEN 'PUBLIC' ELSE acl.grantee::regrole::text END
    FROM pg_class t, aclexplode(t.relacl) acl
    WHERE t.oid = '"client_commands"'::regclass AND acl.privilege_type = 'INSERT' AND acl.grantee <> t.relowner
  LOOP
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON "change_log", "told_statuses" TO %s', writer);
    EXECUTE format('GRANT USAGE ON SEQUENCE "change_log_id_seq" TO %s', writer);
  END LOOP;
END
$$;

-- A notification is only a wake-up, and holds a lock of the whole database from before the commit until after it. So of
-- transactions that commit together one notifies, and none waits for it: readers look again shortly after each wake-up.
CREATE FUNCTION "wake_readers_of_changes"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF pg_try_advisory_xact_lock(4907162520) THEN
    PERFORM pg_notify('infoscreen_changes', '');
  END IF;
  RETURN NULL;
END
$$;
CREATE TRIGGER "changes_wake_readers" AFTER INSERT ON "change_log" FOR EACH STATEMENT EXECUTE FUNCTION "wake_readers_of_changes"();

CREATE FUNCTION "tell_command_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "change_log" ("kind", "client_uuid", "command_id") VALUES ('command', NEW."client_uuid", NEW."command_id");
  RETURN NULL;
END
$$;
CREATE TRIGGER "new_commands_are_told" AFTER INSERT ON "client_commands"
  FOR EACH ROW EXECUTE FUNCTION "tell_command_change"();
CREATE TRIGGER "changed_commands_are_told" AFTER UPDATE ON "client_commands"
  FOR EACH ROW WHEN ((OLD."status", OLD."publish_count", OLD."effect_observed", OLD."late_outcome")
    IS DISTINCT FROM (NEW."status", NEW."publish_count", NEW."effect_observed", NEW."late_outcome"))
  EXECUTE FUNCTION "tell_command_change"();

CREATE FUNCTION "tell_client_change"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "change_log" ("kind", "client_uuid") VALUES ('client', NEW."uuid");
  RETURN NULL;
END
$$;
CREATE TRIGGER "new_clients_are_told" AFTER INSERT ON "clients" FOR EACH ROW EXECUTE FUNCTION "tell_client_change"();
-- Each discovery touches the row, and mostly says nothing new.
CREATE TRIGGER "changed_clients_are_told" AFTER UPDATE ON "clients"
  FOR EACH ROW WHEN ((OLD."hostname", OLD."description", OLD."group", OLD."ip", OLD."model", OLD."os_version", OLD."app_version",
      OLD."pending", OLD."deleted_at")
    IS DISTINCT FROM (NEW."hostname", NEW."description", NEW."group", NEW."ip", NEW."model", NEW."os_version", NEW."app_version",
      NEW."pending", NEW."deleted_at"))
  EXECUTE FUNCTION "tell_client_change"();

-- The argument is the kind. The row's client is the one of `client_uuid`; of a row that was deleted, the old one's.
CREATE FUNCTION "tell_change_of_client"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "change_log" ("kind", "client_uuid") VALUES (TG_ARGV[0], coalesce(NEW."client_uuid", OLD."client_uuid"));
  RETURN NULL;
END
$$;
-- Heartbeats and metrics are not told: what they do to the status of a client is, by whoever compares statuses.
CREATE TRIGGER "changed_states_are_told" AFTER UPDATE ON "client_states"
  FOR EACH ROW WHEN ((OLD."process_status", OLD."presence_online", OLD."boot_id", OLD."last_message_at" IS NULL)
    IS DISTINCT FROM (NEW."process_status", NEW."presence_online", NEW."boot_id", NEW."last_message_at" IS NULL))
  EXECUTE FUNCTION "tell_change_of_client"('client');
CREATE TRIGGER "recoveries_are_told" AFTER INSERT OR DELETE ON "crash_recoveries"
  FOR EACH ROW EXECUTE FUNCTION "tell_change_of_client"('client');
CREATE TRIGGER "changed_recoveries_are_told" AFTER UPDATE ON "crash_recoveries"
  FOR EACH ROW WHEN ((OLD."step", OLD."attempts", OLD."next_at", OLD."exhausted_at")
    IS DISTINCT FROM (NEW."step", NEW."attempts", NEW."next_at", NEW."exhausted_at"))
  EXECUTE FUNCTION "tell_change_of_client"('client');
CREATE TRIGGER "new_failures_are_told" AFTER INSERT ON "service_failures"
  FOR EACH ROW EXECUTE FUNCTION "tell_change_of_client"('failure');
CREATE TRIGGER "changed_failures_are_told" AFTER UPDATE ON "service_failures"
  FOR EACH ROW WHEN ((OLD."cleared_at", OLD."reason", OLD."restarts") IS DISTINCT FROM (NEW."cleared_at", NEW."reason", NEW."restarts"))
  EXECUTE FUNCTION "tell_change_of_client"('failure');

UPDATE "schema_compatibility" SET "version" = 8, "changed_at" = CURRENT_TIMESTAMP;
