-- The audit log only grows: services write it, and remove what is old, through these functions alone. They run with the
-- rights of the tables' owner. The rights of the services' own role are given by the migrate step, which knows its name.

-- What began and was never heard of again.
ALTER TABLE "audit_log" DROP CONSTRAINT "audit_log_outcome_check";
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_outcome_check" CHECK ("outcome" IN ('success', 'refused', 'unknown'));

-- CreateTable
CREATE TABLE "audit_pending" (
    "request_id" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" TEXT,
    "actor_user_id" UUID,
    "action" TEXT NOT NULL,
    "target" TEXT,
    "ip" TEXT,
    "detail" JSONB,

    CONSTRAINT "audit_pending_pkey" PRIMARY KEY ("request_id")
);

-- CreateIndex
CREATE INDEX "audit_pending_started_at_idx" ON "audit_pending"("started_at");

-- What a service says beyond the columns, as long as it is not too long.
CREATE FUNCTION "bounded_detail"(p_detail JSONB) RETURNS JSONB LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
RETURN CASE WHEN octet_length(p_detail::text) > 32768 THEN jsonb_build_object('left_out', 'longer than 32 KiB') ELSE p_detail END;

-- Before a write runs. Its own commit needn't reach the disk: the commit of the write comes later in the same log, so where
-- that one survived a crash, this one did. A transaction that does more than this call must not call it.
CREATE FUNCTION "note_write_begun"(
  p_request_id TEXT, p_actor TEXT, p_actor_user_id UUID, p_action TEXT, p_target TEXT, p_ip TEXT, p_detail JSONB
) RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO public.audit_pending (request_id, actor, actor_user_id, action, target, ip, detail)
  VALUES (left(p_request_id, 100), left(p_actor, 200), p_actor_user_id, left(p_action, 100), left(p_target, 255), left(p_ip, 100),
    public.bounded_detail(p_detail));
  PERFORM set_config('synchronous_commit', 'off', true);
END
$$;

-- After it, and for reads that are recorded: the entry, in the place of the note where there is one.
CREATE FUNCTION "record_write"(
  p_request_id TEXT, p_actor TEXT, p_actor_user_id UUID, p_action TEXT, p_target TEXT, p_ip TEXT, p_detail JSONB,
  p_outcome TEXT, p_status_code INTEGER, p_error_code TEXT
) RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF p_outcome IS NULL OR p_outcome NOT IN ('success', 'unknown') THEN
    RAISE EXCEPTION 'A write ends as success or unknown; a refusal goes through record_refusal.' USING ERRCODE = 'check_violation';
  END IF;
  DELETE FROM public.audit_pending WHERE request_id = left(p_request_id, 100);
  INSERT INTO public.audit_log (request_id, actor, actor_user_id, action, target, ip, detail, outcome, status_code, error_code)
  VALUES (left(p_request_id, 100), left(p_actor, 200), p_actor_user_id, left(p_action, 100), left(p_target, 255), left(p_ip, 100),
    public.bounded_detail(p_detail), p_outcome, p_status_code, left(p_error_code, 100));
END
$$;

-- Equal refusals (source, action, target, code, detail) within a minute are one row. The minute is the database's, and is part of the
-- key, so that no count of an earlier minute can be raised.
CREATE FUNCTION "record_refusal"(
  p_request_id TEXT, p_actor TEXT, p_actor_user_id UUID, p_action TEXT, p_target TEXT, p_ip TEXT, p_detail JSONB,
  p_status_code INTEGER, p_error_code TEXT
) RETURNS VOID LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  source CONSTANT JSONB := jsonb_build_array(
    left(p_ip, 100), p_actor_user_id, left(p_action, 100), left(p_target, 255), left(p_error_code, 100),
    public.bounded_detail(p_detail), date_trunc('minute', now()));
BEGIN
  DELETE FROM public.audit_pending WHERE request_id = left(p_request_id, 100);
  INSERT INTO public.audit_log AS a
    (request_id, actor, actor_user_id, action, target, ip, detail, outcome, status_code, error_code, refusal_key)
  VALUES (left(p_request_id, 100), left(p_actor, 200), p_actor_user_id, left(p_action, 100), left(p_target, 255), left(p_ip, 100),
    public.bounded_detail(p_detail), 'refused', p_status_code, left(p_error_code, 100), encode(sha256(convert_to(source::text, 'UTF8')), 'hex'))
  ON CONFLICT (refusal_key) DO UPDATE SET count = a.count + 1, last_at = now();
END
$$;

-- Notes that stand for more than a minute: their server died, or the database did, and the write may have been done.
CREATE FUNCTION "record_unfinished_writes"(p_limit INTEGER)
RETURNS INTEGER LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  recorded INTEGER;
BEGIN
  WITH unfinished AS (
    DELETE FROM public.audit_pending WHERE request_id = ANY (ARRAY(
      SELECT request_id FROM public.audit_pending WHERE started_at < now() - interval '1 minute'
      ORDER BY started_at LIMIT p_limit FOR UPDATE SKIP LOCKED))
    RETURNING *
  )
  INSERT INTO public.audit_log (at, request_id, actor, actor_user_id, action, target, ip, detail, outcome, status_code)
  SELECT started_at, request_id, actor, actor_user_id, action, target, ip, detail, 'unknown', 0 FROM unfinished ORDER BY started_at;
  GET DIAGNOSTICS recorded = ROW_COUNT;
  RETURN recorded;
END
$$;

-- Retention. The shortest period stands here, where no service can change it.
CREATE FUNCTION "remove_old_audit_entries"(p_keep_days INTEGER, p_limit INTEGER)
RETURNS INTEGER LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  shortest_days CONSTANT INTEGER := 730;
  removed INTEGER;
BEGIN
  IF p_keep_days IS NULL OR p_keep_days < shortest_days THEN
    RAISE EXCEPTION 'The audit log keeps its entries for at least % days, and not for %.', shortest_days, p_keep_days
      USING ERRCODE = 'check_violation';
  END IF;
  DELETE FROM public.audit_log WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM public.audit_log WHERE at < now() - make_interval(days => p_keep_days)
    LIMIT p_limit FOR UPDATE SKIP LOCKED));
  GET DIAGNOSTICS removed = ROW_COUNT;
  RETURN removed;
END
$$;

REVOKE ALL ON FUNCTION "bounded_detail", "note_write_begun", "record_write", "record_refusal", "record_unfinished_writes", "remove_old_audit_entries"
  FROM PUBLIC;

UPDATE "schema_compatibility" SET "version" = 6, "changed_at" = CURRENT_TIMESTAMP;
