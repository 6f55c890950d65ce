-- Row-level security. Every policy reads what app_enter() set for this transaction alone. The sub-selects make each
-- setting an InitPlan: it is read once per statement, not once per row.
DO $$
DECLARE
  org constant text := $e$org_id = (select nullif(current_setting('app.org_id', true), '')::uuid)$e$;
  manager constant text := $e$(select current_setting('app.role', true)) in ('owner', 'admin')$e$;
  actor_id constant text := $e$(select nullif(current_setting('app.actor_id', true), '')::uuid)$e$;
  actor_kind constant text := $e$(select current_setting('app.actor_kind', true))$e$;
  visible constant text := $e$collection_id = any ((select string_to_array(current_setting('app.collection_ids', true), ',')::uuid[])::uuid[])$e$;
  rule text;
  t text;
BEGIN
  -- Whole organisation.
  FOREACH t IN ARRAY ARRAY['job_run', 'signal'] LOOP
    EXECUTE format('CREATE POLICY tenant ON %I FOR ALL TO app_user USING (%s) WITH CHECK (%s)', t, org, org);
  END LOOP;

  -- A collection: everybody's, or granted to this caller. Owners and admins (and jobs, which act as owner) see all.
  rule := format($e$%s and (visibility = 'organisation' or %s or id in (
    select g.collection_id from collection_grant g
    where g.org_id = (select nullif(current_setting('app.org_id', true), '')::uuid)
      and g.grantee_kind = %s and g.grantee_id = %s))$e$, org, manager, actor_kind, actor_id);
  EXECUTE format('CREATE POLICY visible ON collection FOR ALL TO app_user USING (%s) WITH CHECK (%s)', rule, rule);

  -- Grants: a caller sees its own; who manages the organisation sees and writes all. Nobody grants to himself.
  EXECUTE format('CREATE POLICY own ON collection_grant FOR SELECT TO app_user USING (%s and grantee_kind = %s and grantee_id = %s)',
    org, actor_kind, actor_id);
  rule := format('%s and %s', org, manager);
  EXECUTE format('CREATE POLICY manage ON collection_grant FOR ALL TO app_user USING (%s) WITH CHECK (%s)', rule, rule);

  -- What lies in a collection: those that the caller may see.
  rule := format('%s and %s', org, visible);
  FOREACH t IN ARRAY ARRAY['document', 'document_version', 'document_page', 'chunk', 'posting', 'collection_stat'] LOOP
    EXECUTE format('CREATE POLICY visible ON %I FOR ALL TO app_user USING (%s) WITH CHECK (%s)', t, rule, rule);
  END LOOP;

  -- Conversations: their owner alone, a user or an API key. Jobs act for the organisation.
  rule := format($e$%s and (owner_id = %s or %s = 'system')$e$, org, actor_id, actor_kind);
  FOREACH t IN ARRAY ARRAY['conversation', 'message', 'citation', 'run', 'run_part'] LOOP
    EXECUTE format('CREATE POLICY own ON %I FOR ALL TO app_user USING (%s) WITH CHECK (%s)', t, rule, rule);
  END LOOP;

  rule := format('%s and actor_id = %s', org, actor_id);
  EXECUTE format('CREATE POLICY own ON idempotency_key FOR ALL TO app_user USING (%s) WITH CHECK (%s)', rule, rule);

  -- The audit log: everything that happens writes, owners and admins read, nobody changes.
  EXECUTE format('CREATE POLICY append ON audit_event FOR INSERT TO app_user WITH CHECK (%s)', org);
  EXECUTE format('CREATE POLICY read ON audit_event FOR SELECT TO app_user USING (%s and %s)', org, manager);

  -- Sweeps see every row, but only the columns granted below: ids and states.
  FOREACH t IN ARRAY ARRAY['collection', 'document', 'document_version', 'message', 'run', 'job_run', 'signal', 'idempotency_key'] LOOP
    EXECUTE format('CREATE POLICY sweep ON %I FOR ALL TO app_system USING (true) WITH CHECK (true)', t);
  END LOOP;

  -- Every table with org_id, its partitions included: a partition has no policy, so naming it directly gives nothing.
  FOR t IN
    SELECT c.relname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'org_id'
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', t);
  END LOOP;
END $$;
--> statement-breakpoint
-- Grants, one by one: a new table is closed until somebody opens it here. A partition is reached through its parent only.
GRANT SELECT, INSERT, UPDATE, DELETE ON
  collection, collection_grant, collection_stat, document, document_version, document_page, chunk, posting,
  conversation, message, citation, run, run_part, job_run, idempotency_key
TO app_user;
--> statement-breakpoint
GRANT SELECT, INSERT ON signal, audit_event TO app_user;
--> statement-breakpoint
GRANT USAGE ON SEQUENCE signal_id_seq TO app_user, app_system;
--> statement-breakpoint
GRANT SELECT (org_id, id, visibility, index_version, created_at) ON collection TO app_system;
--> statement-breakpoint
GRANT SELECT (org_id, id, collection_id, live_version_id, latest_version_id, created_at) ON document TO app_system;
--> statement-breakpoint
GRANT SELECT (org_id, id, document_id, collection_id, state, stage, progress, attempt, blob_key, size_bytes, error_code, created_at, updated_at, searchable_at),
  UPDATE (state, stage, progress, attempt, error_code, error_text, updated_at) ON document_version TO app_system;
--> statement-breakpoint
GRANT SELECT (org_id, id, conversation_id, owner_id, role, state, created_at), UPDATE (state) ON message TO app_system;
--> statement-breakpoint
GRANT SELECT (org_id, id, conversation_id, message_id, owner_id, state, lease_holder, heartbeat_at, attempt, stop_requested_at, created_at, ended_at),
  UPDATE (state, lease_holder, heartbeat_at, attempt, ended_at) ON run TO app_system;
--> statement-breakpoint
GRANT SELECT (org_id, id, job_id, kind, subject_id, state, attempt, worker, error_class, created_at, finished_at),
  UPDATE (state, error_class, finished_at), DELETE ON job_run TO app_system;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON signal TO app_system;
--> statement-breakpoint
GRANT SELECT (org_id, actor_id, key, created_at), DELETE ON idempotency_key TO app_system;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON worker_heartbeat TO app_system, app_worker;
--> statement-breakpoint
GRANT USAGE ON SCHEMA auth TO login;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON
  auth."user", auth.session, auth.account, auth.verification, auth.organization, auth.member, auth.invitation, auth.apikey
TO login;
--> statement-breakpoint
-- The ids of the collections that the policies of `collection` let this caller see, for the policies of what lies in them.
CREATE FUNCTION app_see_collections() RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM set_config('app.collection_ids', coalesce((
    SELECT string_agg(c.id::text, ',') FROM public.collection c
    WHERE c.org_id = nullif(current_setting('app.org_id', true), '')::uuid), ''), true);
END $$;
--> statement-breakpoint
-- The one way into a tenant's data: role, organisation, caller, visible collections and the statement's time limit,
-- all until the end of this transaction. Invoker's rights: it gives nobody a right that he does not have.
CREATE FUNCTION app_enter(org uuid, actor_kind text, actor_id uuid, actor_role text, timeout_ms integer) RETURNS void
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  PERFORM set_config('role', 'app_user', true),
    set_config('app.org_id', org::text, true),
    set_config('app.actor_kind', actor_kind, true),
    set_config('app.actor_id', coalesce(actor_id::text, ''), true),
    set_config('app.role', actor_role, true),
    set_config('statement_timeout', timeout_ms::text, true);
  PERFORM public.app_see_collections();
END $$;
--> statement-breakpoint
-- A collection that is made, opened or closed in a transaction counts in the rest of it. Cascades run as the owner, who
-- would see too much; the statement that caused them is the caller's, and comes after.
CREATE FUNCTION app_collections_changed() RETURNS trigger
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF current_user = 'app_user' THEN
    PERFORM public.app_see_collections();
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER collections_changed AFTER INSERT OR UPDATE OF visibility OR DELETE ON collection
FOR EACH STATEMENT EXECUTE FUNCTION app_collections_changed();
--> statement-breakpoint
CREATE TRIGGER collections_changed AFTER INSERT OR UPDATE OR DELETE ON collection_grant
FOR EACH STATEMENT EXECUTE FUNCTION app_collections_changed();
--> statement-breakpoint
-- Puts a job into the queue, in the caller's transaction. The organisation comes from the transaction, whatever the
-- payload says. Owner's rights: app_user has none on the queue. The queue's schema is installed after this migration.
CREATE FUNCTION enqueue_job(
  kind text, payload jsonb, max_attempts integer, priority integer DEFAULT NULL,
  run_at timestamptz DEFAULT NULL, job_key text DEFAULT NULL, queue_name text DEFAULT NULL
) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  org text := nullif(current_setting('app.org_id', true), '');
  job_id bigint;
BEGIN
  IF org IS NULL THEN
    RAISE EXCEPTION 'enqueue_job: no organisation is set' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT id INTO job_id FROM graphile_worker.add_job(
    identifier := kind,
    payload := (payload || jsonb_build_object('orgId', org))::json,
    queue_name := queue_name,
    run_at := run_at,
    max_attempts := max_attempts,
    job_key := CASE WHEN job_key IS NULL THEN NULL ELSE org || ':' || job_key END,
    priority := priority);
  RETURN job_id;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION app_see_collections(), app_enter(uuid, text, uuid, text, integer), app_collections_changed(),
  enqueue_job(text, jsonb, integer, integer, timestamptz, text, text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app_enter(uuid, text, uuid, text, integer) TO login;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app_see_collections() TO app_user, app_system;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION enqueue_job(text, jsonb, integer, integer, timestamptz, text, text) TO app_user;
