-- The history had a row per attempt; now it has one per job, and its attempts beside it. Of each job the newest row stays.
ALTER TABLE job_run NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- One that was under way is noted anew when it is taken up again: its row in the queue does not know this one, and a row
-- that failed would say that nobody takes it up.
DELETE FROM job_run a USING (
  SELECT DISTINCT ON (org_id, job_id) org_id, job_id, state FROM job_run ORDER BY org_id, job_id, created_at DESC, id DESC) newest
WHERE a.org_id = newest.org_id AND a.job_id = newest.job_id AND newest.state NOT IN ('succeeded', 'failed');
--> statement-breakpoint
INSERT INTO job_attempt (org_id, job_run_id, attempt, worker, state, created_at, finished_at, error_class)
SELECT DISTINCT ON (a.org_id, kept.id, a.attempt) a.org_id, kept.id, a.attempt, a.worker,
  CASE a.state WHEN 'running' THEN 'lost' ELSE a.state END, a.created_at, a.finished_at, a.error_class
FROM job_run a
JOIN (SELECT DISTINCT ON (org_id, job_id) org_id, job_id, id FROM job_run ORDER BY org_id, job_id, created_at DESC, id DESC) kept
  ON kept.org_id = a.org_id AND kept.job_id = a.job_id
ORDER BY a.org_id, kept.id, a.attempt, a.created_at DESC;
--> statement-breakpoint
DELETE FROM job_run a USING job_run b
WHERE a.org_id = b.org_id AND a.job_id = b.job_id AND (a.created_at, a.id) < (b.created_at, b.id);
--> statement-breakpoint
UPDATE job_run SET started_at = created_at, updated_at = coalesce(finished_at, created_at), max_attempts = attempt, job_id = NULL,
  finished_at = coalesce(finished_at, created_at);
--> statement-breakpoint
ALTER TABLE job_run FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
DO $$
DECLARE
  org constant text := $e$org_id = (select nullif(current_setting('app.org_id', true), '')::uuid)$e$;
  manager constant text := $e$(select current_setting('app.role', true)) in ('owner', 'admin')$e$;
  t text;
BEGIN
  EXECUTE format('CREATE POLICY tenant ON job_attempt FOR ALL TO app_user USING (%s) WITH CHECK (%s)', org, org);
  -- What was spent: whoever answers writes, owners and admins read, nobody changes.
  EXECUTE format('CREATE POLICY append ON usage_event FOR INSERT TO app_user WITH CHECK (%s)', org);
  FOREACH t IN ARRAY ARRAY['usage_event', 'usage_day'] LOOP
    EXECUTE format('CREATE POLICY read ON %I FOR SELECT TO app_user USING (%s and %s)', t, org, manager);
  END LOOP;
  FOREACH t IN ARRAY ARRAY['job_attempt', 'usage_event', 'usage_day'] LOOP
    EXECUTE format('CREATE POLICY sweep ON %I FOR ALL TO app_system USING (true) WITH CHECK (true)', t);
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
  END LOOP;
END $$;
--> statement-breakpoint
REVOKE ALL ON job_attempt, job_pause, cron_run, usage_event, usage_day, installation_owner, operator_event FROM PUBLIC;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON job_attempt TO app_user;
--> statement-breakpoint
GRANT SELECT, INSERT ON usage_event TO app_user;
--> statement-breakpoint
GRANT SELECT ON usage_day TO app_user;
--> statement-breakpoint
-- Sweeps, and owners of the installation: ids, states and times of every organisation's jobs; their errors, and no text.
GRANT SELECT (job_id, payload, bulk, priority, max_attempts, crashes, stage, progress, error_message, job_key, queue_name,
    run_at, started_at, updated_at, cancel_requested_at),
  UPDATE (job_id, attempt, priority, crashes, worker, run_at, updated_at, cancel_requested_at) ON job_run TO app_system;
--> statement-breakpoint
GRANT SELECT, UPDATE (state, finished_at, error_class), DELETE ON job_attempt TO app_system;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON job_pause, cron_run, usage_day, installation_owner TO app_system;
--> statement-breakpoint
GRANT SELECT, DELETE ON usage_event TO app_system;
--> statement-breakpoint
GRANT SELECT ON job_pause TO app_worker;
--> statement-breakpoint
GRANT SELECT (question_id) ON run TO app_system;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON operator_event TO app_system;
--> statement-breakpoint
-- The first who signs up sees to the installation, as who set it up.
CREATE FUNCTION app_first_owner() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- A copy brings its owners along, and is compared with what it was copied from.
  IF to_regnamespace('quarry_transfer') IS NOT NULL THEN
    RETURN NULL;
  END IF;
  -- Two at the same time: one of them waits here, and then is the second.
  PERFORM pg_advisory_xact_lock(hashtextextended('installation_owner', 0));
  IF NOT EXISTS (SELECT FROM auth."user" u WHERE u.id <> NEW.id) AND NOT EXISTS (SELECT FROM public.installation_owner) THEN
    INSERT INTO public.installation_owner (user_id) VALUES (NEW.id);
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER first_owner AFTER INSERT ON auth."user" FOR EACH ROW EXECUTE FUNCTION app_first_owner();
--> statement-breakpoint
CREATE FUNCTION app_forget_owner() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  DELETE FROM public.installation_owner WHERE user_id = OLD.id;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER forget_owner AFTER DELETE ON auth."user" FOR EACH ROW EXECUTE FUNCTION app_forget_owner();
--> statement-breakpoint
REVOKE ALL ON FUNCTION app_first_owner(), app_forget_owner() FROM PUBLIC;
--> statement-breakpoint
-- Where there are several organisations nobody can tell whose the installation is: its operator says so at the command line.
INSERT INTO installation_owner (user_id) SELECT u.id FROM auth."user" u
WHERE (SELECT count(*) FROM auth.organization) = 1 ORDER BY u.created_at, u.id LIMIT 1;
--> statement-breakpoint
-- Who sees to the installation is part of who somebody is.
CREATE TRIGGER touch AFTER INSERT OR DELETE ON installation_owner FOR EACH ROW EXECUTE FUNCTION app_touch('user_id', 'access');
--> statement-breakpoint
-- Asked where nobody is in an organisation yet, about one person at a time.
CREATE FUNCTION is_installation_owner(person uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM public.installation_owner o WHERE o.user_id = person)
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION is_installation_owner(uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION is_installation_owner(uuid) TO login;
--> statement-breakpoint
-- What an operator asks the clock for goes to the queue by the same way as what the clock does: one after the other of a name.
CREATE FUNCTION enqueue_cron(cron text, run_id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  PERFORM graphile_worker.add_job(identifier := 'cron', payload := json_build_object('name', cron, 'runId', run_id),
    queue_name := 'cron:' || cron, job_key := 'cron-now:' || cron, max_attempts := 3);
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION enqueue_cron(text, uuid) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION enqueue_cron(text, uuid) TO app_system;
--> statement-breakpoint
-- Whether a sweep is deleting bytes that nobody refers to; of the organisation of the transaction. The sweep renews its
-- lease for each heap: one that is older was left by a process that died.
CREATE FUNCTION blob_is_going(blob text) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT EXISTS (SELECT FROM public.process_lease l WHERE l.name = 'blob:' || blob
    AND blob LIKE nullif(current_setting('app.org_id', true), '') || '/%'
    AND l.seen_at > clock_timestamp() - interval '5 minutes')
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION blob_is_going(text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION blob_is_going(text) TO app_user;
--> statement-breakpoint
-- The sweep of bytes finds by it whose they are.
GRANT SELECT (content_hash) ON document_version TO app_system;
--> statement-breakpoint
-- A run that was given away in order has no heartbeat until somebody takes it over, which is done for a quarter of an hour.
CREATE OR REPLACE FUNCTION app_runs_under_way(lease_seconds double precision, OUT own integer, OUT everybody integer)
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp SET app.actor_kind = 'system' AS $$
  SELECT (count(*) FILTER (WHERE r.owner_id = (SELECT nullif(current_setting('app.actor_id', true), '')::uuid)))::integer,
    count(*)::integer
  FROM public.run r
  WHERE r.org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid) AND r.state = 'running'
    AND (r.heartbeat_at > statement_timestamp() - lease_seconds * interval '1 second'
      OR (r.heartbeat_at IS NULL AND r.created_at > statement_timestamp() - interval '15 minutes'))
$$;
