-- CreateTable
CREATE TABLE "clients" (
    "uuid" UUID NOT NULL,
    "hostname" TEXT,
    "description" TEXT,
    "group" TEXT,
    "ip" TEXT,
    "model" TEXT,
    "os_version" TEXT,
    "app_version" TEXT,
    "pending" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "deleted_at" TIMESTAMPTZ(3),
    "deleted_by" TEXT,

    CONSTRAINT "clients_pkey" PRIMARY KEY ("uuid")
);

-- CreateTable
CREATE TABLE "client_states" (
    "client_uuid" UUID NOT NULL,
    "last_alive" TIMESTAMPTZ(3),
    "last_message_at" TIMESTAMPTZ(3),
    "process_status" TEXT,
    "process_name" TEXT,
    "process_pid" INTEGER,
    "boot_id" TEXT,
    "uptime_seconds" DOUBLE PRECISION,
    "clock_offset_ms" DOUBLE PRECISION,
    "mqtt_reconnect_count" INTEGER,
    "mqtt_last_disconnect_at" TIMESTAMPTZ(3),
    "presence_online" BOOLEAN,
    "presence_session_id" TEXT,
    "presence_reason" TEXT,
    "presence_at" TIMESTAMPTZ(3),
    "last_health_at" TIMESTAMPTZ(3),
    "cpu_percent" REAL,
    "memory_percent" REAL,
    "disk_percent" REAL,
    "temperature_c" REAL,

    CONSTRAINT "client_states_pkey" PRIMARY KEY ("client_uuid")
);

-- CreateTable
CREATE TABLE "health_samples" (
    "client_uuid" UUID NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL,
    "process_status" TEXT,
    "cpu_percent" REAL,
    "memory_percent" REAL,
    "disk_percent" REAL,
    "temperature_c" REAL,
    "mqtt_reconnect_count" INTEGER,

    CONSTRAINT "health_samples_pkey" PRIMARY KEY ("client_uuid","received_at")
);

-- CreateTable
CREATE TABLE "client_boots" (
    "client_uuid" UUID NOT NULL,
    "boot_id" TEXT NOT NULL,
    "first_seen_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "command_id" UUID,

    CONSTRAINT "client_boots_pkey" PRIMARY KEY ("client_uuid","boot_id")
);

-- CreateTable
CREATE TABLE "service_failures" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "client_uuid" UUID NOT NULL,
    "unit" TEXT NOT NULL,
    "failed_at" TIMESTAMPTZ(3) NOT NULL,
    "reported_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reason" TEXT,
    "restarts" INTEGER,
    "cleared_at" TIMESTAMPTZ(3),
    "cleared_by" TEXT,
    "comment" TEXT,

    CONSTRAINT "service_failures_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "client_commands" (
    "command_id" UUID NOT NULL,
    "client_uuid" UUID NOT NULL,
    "action" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "reason" TEXT,
    "requested_by" TEXT NOT NULL,
    "requested_by_user_id" UUID,
    "counts_for_lockout" BOOLEAN NOT NULL,
    "idempotency_key" TEXT,
    "request_id" TEXT,
    "boot_id" TEXT,
    "error_code" TEXT,
    "error_message" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,
    "result_due_at" TIMESTAMPTZ(3),
    "publish_attempt" INTEGER NOT NULL DEFAULT 0,
    "publish_count" INTEGER NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "next_publish_at" TIMESTAMPTZ(3),
    "published_at" TIMESTAMPTZ(3),
    "ack_received_at" TIMESTAMPTZ(3),
    "execution_started_at" TIMESTAMPTZ(3),
    "finished_at" TIMESTAMPTZ(3),
    "effect_observed" BOOLEAN,
    "effect_observed_at" TIMESTAMPTZ(3),
    "effect_boot_id" TEXT,
    "late_outcome" TEXT,
    "late_outcome_at" TIMESTAMPTZ(3),
    "late_error_code" TEXT,

    CONSTRAINT "client_commands_pkey" PRIMARY KEY ("command_id")
);

-- CreateTable
CREATE TABLE "client_command_events" (
    "id" BIGSERIAL NOT NULL,
    "command_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "from_status" TEXT,
    "to_status" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "actor" TEXT NOT NULL,
    "device_time" TIMESTAMPTZ(3),
    "server_time" TIMESTAMPTZ(3) NOT NULL DEFAULT clock_timestamp(),
    "error_code" TEXT,
    "detail" TEXT,

    CONSTRAINT "client_command_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "crash_recoveries" (
    "client_uuid" UUID NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "step" TEXT NOT NULL,
    "next_at" TIMESTAMPTZ(3),
    "last_command_id" UUID,
    "exhausted_at" TIMESTAMPTZ(3),
    "healthy_since" TIMESTAMPTZ(3),
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "crash_recoveries_pkey" PRIMARY KEY ("client_uuid")
);

-- CreateTable
CREATE TABLE "broker_accounts" (
    "client_uuid" UUID NOT NULL,
    "password_sealed" TEXT,
    "version" INTEGER NOT NULL DEFAULT 1,
    "desired" TEXT NOT NULL DEFAULT 'present',
    "applied_version" INTEGER,
    "applied_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "broker_accounts_pkey" PRIMARY KEY ("client_uuid")
);

-- CreateTable
CREATE TABLE "listener_lanes" (
    "lane" INTEGER NOT NULL,
    "holder" TEXT,
    "epoch" BIGINT NOT NULL DEFAULT 0,
    "lease_until" TIMESTAMPTZ(3),
    "held_since" TIMESTAMPTZ(3),
    "acks_stored_at" TIMESTAMPTZ(3),
    "telemetry_stored_at" TIMESTAMPTZ(3),

    CONSTRAINT "listener_lanes_pkey" PRIMARY KEY ("lane")
);

-- CreateTable
CREATE TABLE "service_instances" (
    "instance" TEXT NOT NULL,
    "service" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "last_seen_at" TIMESTAMPTZ(3) NOT NULL,
    "stopped_at" TIMESTAMPTZ(3),
    "report" JSONB NOT NULL,

    CONSTRAINT "service_instances_pkey" PRIMARY KEY ("instance")
);

-- CreateTable
CREATE TABLE "rejected_messages" (
    "id" BIGSERIAL NOT NULL,
    "received_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "topic" TEXT NOT NULL,
    "client_uuid" UUID,
    "reason" TEXT NOT NULL,
    "detail" TEXT,
    "payload_bytes" INTEGER NOT NULL,
    "payload_head" BYTEA NOT NULL,

    CONSTRAINT "rejected_messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "username" TEXT NOT NULL,
    "password_hash" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "must_change_password" BOOLEAN NOT NULL DEFAULT false,
    "session_epoch" INTEGER NOT NULL DEFAULT 0,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "disabled_at" TIMESTAMPTZ(3),
    "last_login_at" TIMESTAMPTZ(3),

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "user_sessions" (
    "sid" TEXT NOT NULL,
    "sess" JSON NOT NULL,
    "expire" TIMESTAMPTZ(6) NOT NULL,

    CONSTRAINT "user_sessions_pkey" PRIMARY KEY ("sid")
);

-- CreateTable
CREATE TABLE "rate_limits" (
    "key" VARCHAR(255) NOT NULL,
    "points" INTEGER NOT NULL DEFAULT 0,
    "expire" BIGINT,

    CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "idempotency_keys" (
    "user_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "request_hash" TEXT NOT NULL,
    "response_status" INTEGER,
    "response_body" JSONB,
    "response_headers" JSONB,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "locked_until" TIMESTAMPTZ(3),

    CONSTRAINT "idempotency_keys_pkey" PRIMARY KEY ("user_id","key")
);

-- CreateTable
CREATE TABLE "audit_log" (
    "id" BIGSERIAL NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "count" INTEGER NOT NULL DEFAULT 1,
    "actor" TEXT,
    "actor_user_id" UUID,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "outcome" TEXT NOT NULL,
    "status_code" INTEGER NOT NULL,
    "error_code" TEXT,
    "ip" TEXT,
    "request_id" TEXT,
    "detail" JSONB,
    "refusal_key" TEXT,

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "recovery_watch" (
    "id" INTEGER NOT NULL DEFAULT 1,
    "quiet_until" TIMESTAMPTZ(3),
    "last_healthy_at" TIMESTAMPTZ(3),
    "reason" TEXT,

    CONSTRAINT "recovery_watch_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "service_failures_client_uuid_unit_failed_at_key" ON "service_failures"("client_uuid", "unit", "failed_at");

-- CreateIndex
CREATE INDEX "client_command_events_command_id_id_idx" ON "client_command_events"("command_id", "id");

-- CreateIndex
CREATE INDEX "rejected_messages_received_at_idx" ON "rejected_messages"("received_at");

-- CreateIndex
CREATE UNIQUE INDEX "users_username_key" ON "users"("username");

-- CreateIndex
CREATE INDEX "user_sessions_expire_idx" ON "user_sessions"("expire");

-- CreateIndex
CREATE INDEX "rate_limits_expire_idx" ON "rate_limits"("expire");

-- CreateIndex
CREATE INDEX "idempotency_keys_created_at_idx" ON "idempotency_keys"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "audit_log_refusal_key_key" ON "audit_log"("refusal_key");

-- CreateIndex
CREATE INDEX "audit_log_at_id_idx" ON "audit_log"("at", "id");

-- AddForeignKey
ALTER TABLE "client_states" ADD CONSTRAINT "client_states_client_uuid_fkey" FOREIGN KEY ("client_uuid") REFERENCES "clients"("uuid") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "client_boots" ADD CONSTRAINT "client_boots_client_uuid_fkey" FOREIGN KEY ("client_uuid") REFERENCES "clients"("uuid") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "client_boots" ADD CONSTRAINT "client_boots_command_id_fkey" FOREIGN KEY ("command_id") REFERENCES "client_commands"("command_id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "service_failures" ADD CONSTRAINT "service_failures_client_uuid_fkey" FOREIGN KEY ("client_uuid") REFERENCES "clients"("uuid") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "client_commands" ADD CONSTRAINT "client_commands_client_uuid_fkey" FOREIGN KEY ("client_uuid") REFERENCES "clients"("uuid") ON DELETE RESTRICT ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "client_command_events" ADD CONSTRAINT "client_command_events_command_id_fkey" FOREIGN KEY ("command_id") REFERENCES "client_commands"("command_id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "crash_recoveries" ADD CONSTRAINT "crash_recoveries_client_uuid_fkey" FOREIGN KEY ("client_uuid") REFERENCES "clients"("uuid") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "crash_recoveries" ADD CONSTRAINT "crash_recoveries_last_command_id_fkey" FOREIGN KEY ("last_command_id") REFERENCES "client_commands"("command_id") ON DELETE SET NULL ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "broker_accounts" ADD CONSTRAINT "broker_accounts_client_uuid_fkey" FOREIGN KEY ("client_uuid") REFERENCES "clients"("uuid") ON DELETE CASCADE ON UPDATE NO ACTION;

-- Beyond the schema language of Prisma: invariants, partial indexes, storage.

ALTER TABLE "client_commands"
  ADD CONSTRAINT "client_commands_action_check" CHECK ("action" IN ('reboot_host', 'shutdown_host', 'restart_app')),
  ADD CONSTRAINT "client_commands_status_check" CHECK ("status" IN (
    'queued', 'publish_in_progress', 'published', 'ack_received', 'execution_started',
    'completed', 'failed', 'expired', 'blocked_safety', 'cancelled')),
  -- An end has its time, and nothing but an end has one.
  ADD CONSTRAINT "client_commands_finished_check" CHECK (
    ("finished_at" IS NOT NULL) = ("status" IN ('completed', 'failed', 'expired', 'blocked_safety', 'cancelled'))),
  -- A claim without a lease could never be taken over.
  ADD CONSTRAINT "client_commands_lease_check" CHECK ("status" <> 'publish_in_progress' OR "lease_until" IS NOT NULL),
  -- Once the execution has started, the result has a time of its own.
  ADD CONSTRAINT "client_commands_result_due_check" CHECK ("status" <> 'execution_started' OR "result_due_at" IS NOT NULL),
  ADD CONSTRAINT "client_commands_late_outcome_check" CHECK ("late_outcome" IN ('completed', 'failed', 'blocked_safety')),
  SET (fillfactor = 70);

-- History of one client, newest first; and of the fleet.
CREATE INDEX "client_commands_client_history_idx" ON "client_commands" ("client_uuid", "created_at" DESC, "command_id" DESC);
CREATE INDEX "client_commands_history_idx" ON "client_commands" ("created_at" DESC, "command_id" DESC);
-- The count of the lockout.
CREATE INDEX "client_commands_lockout_idx" ON "client_commands" ("client_uuid", "action", "created_at") WHERE "counts_for_lockout";
-- The outbox: what is to be published, or published again.
CREATE INDEX "client_commands_outbox_idx" ON "client_commands" ("next_publish_at")
  WHERE "status" IN ('queued', 'publish_in_progress', 'published');
-- The order of the commands of one client in the outbox.
CREATE INDEX "client_commands_unsent_idx" ON "client_commands" ("client_uuid", "created_at", "command_id")
  WHERE "status" IN ('queued', 'publish_in_progress');
-- The expiry sweep.
CREATE INDEX "client_commands_start_due_idx" ON "client_commands" ("expires_at")
  WHERE "status" IN ('queued', 'publish_in_progress', 'published', 'ack_received');
CREATE INDEX "client_commands_result_due_idx" ON "client_commands" ("result_due_at") WHERE "status" = 'execution_started';
-- Commands whose effect has still to be seen.
CREATE INDEX "client_commands_effect_pending_idx" ON "client_commands" ("client_uuid", "created_at")
  WHERE "effect_observed" IS DISTINCT FROM true AND "publish_attempt" > 0 AND "action" IN ('reboot_host', 'shutdown_host');
CREATE UNIQUE INDEX "client_commands_idempotency_idx" ON "client_commands" ("requested_by_user_id", "idempotency_key")
  WHERE "idempotency_key" IS NOT NULL;

ALTER TABLE "client_command_events"
  ADD CONSTRAINT "client_command_events_kind_check" CHECK ("kind" IN ('transition', 'republished', 'late_result', 'effect')),
  ADD CONSTRAINT "client_command_events_source_check" CHECK ("source" IN ('api', 'publisher', 'device', 'sweep', 'recovery'));

ALTER TABLE "client_states"
  ADD CONSTRAINT "client_states_process_status_check" CHECK ("process_status" IN ('running', 'starting', 'stopped', 'crashed')),
  -- Each heartbeat updates a row: room on its page, and no index on what it changes, keep the update HOT.
  SET (fillfactor = 70);

-- Retention looks for old samples, which lie together on disk.
CREATE INDEX "health_samples_received_at_idx" ON "health_samples" USING brin ("received_at");

-- Every client has its state row, so that telemetry only ever updates.
CREATE FUNCTION "create_client_state"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO "client_states" ("client_uuid") VALUES (NEW."uuid") ON CONFLICT DO NOTHING;
  RETURN NULL;
END
$$;
CREATE TRIGGER "clients_have_a_state" AFTER INSERT ON "clients" FOR EACH ROW EXECUTE FUNCTION "create_client_state"();

-- Pages of clients by name.
CREATE INDEX "clients_by_name_idx" ON "clients" ((lower(coalesce("hostname", ''))), "uuid") WHERE "deleted_at" IS NULL;
CREATE INDEX "clients_by_group_idx" ON "clients" ("group", "uuid") WHERE "deleted_at" IS NULL;
CREATE INDEX "clients_pending_idx" ON "clients" ("uuid") WHERE "pending" AND "deleted_at" IS NULL;

-- Open failures, newest first.
CREATE INDEX "service_failures_open_idx" ON "service_failures" ("failed_at" DESC, "id") WHERE "cleared_at" IS NULL;

ALTER TABLE "crash_recoveries"
  ADD CONSTRAINT "crash_recoveries_step_check" CHECK ("step" IN ('restart_app', 'reboot_host', 'exhausted')),
  ADD CONSTRAINT "crash_recoveries_exhausted_check" CHECK (("step" = 'exhausted') = ("exhausted_at" IS NOT NULL));

ALTER TABLE "broker_accounts"
  ADD CONSTRAINT "broker_accounts_desired_check" CHECK ("desired" IN ('present', 'absent')),
  ADD CONSTRAINT "broker_accounts_secret_check" CHECK (("desired" = 'present') = ("password_sealed" IS NOT NULL));
-- What the broker has still to be told.
CREATE INDEX "broker_accounts_pending_idx" ON "broker_accounts" ("client_uuid")
  WHERE "applied_version" IS DISTINCT FROM "version";

ALTER TABLE "service_instances"
  ADD CONSTRAINT "service_instances_service_check" CHECK ("service" IN ('server', 'listener', 'scheduler'));

ALTER TABLE "users"
  ADD CONSTRAINT "users_role_check" CHECK ("role" IN ('viewer', 'admin', 'superadmin')),
  ADD CONSTRAINT "users_username_check" CHECK ("username" = lower("username"));

ALTER TABLE "audit_log"
  ADD CONSTRAINT "audit_log_outcome_check" CHECK ("outcome" IN ('success', 'refused'));

ALTER TABLE "recovery_watch" ADD CONSTRAINT "recovery_watch_single_check" CHECK ("id" = 1);
INSERT INTO "recovery_watch" ("id") VALUES (1);
