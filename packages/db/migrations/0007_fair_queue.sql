-- Whose turn it is in the queue. job_run says what there is to do; graphile-worker's table is the line before the workers,
-- in which each organisation has a few jobs of a kind at most (its window). Whenever one of them ends, the organisation's
-- next one goes to the end of the line: so organisations take turns, however much each of them has to do.
--
-- A row of the line exists while its job is `queued` or `running`, and job_run.job_id names it. queue_*() work on the line
-- alone, with the rights of its owner, for the organisation of the transaction. app_*() have their caller's rights: the
-- policies of job_run decide what they reach. (The line is installed after this migration: what names it is plpgsql.)
--
-- Two transactions that count a window at the same time do not wait for each other. Both may let one in, which makes the
-- window one wider until it ends; or neither does, and the workers' look for what was forgotten does so a second later.
CREATE FUNCTION queue_org() RETURNS text
LANGUAGE plpgsql STABLE SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  org text := nullif(current_setting('app.org_id', true), '');
BEGIN
  IF org IS NULL THEN
    RAISE EXCEPTION 'the queue: no organisation is set' USING ERRCODE = 'insufficient_privilege';
  END IF;
  RETURN org;
END $$;
--> statement-breakpoint
-- At the end of the line. What somebody waits for is a minute ahead of bulk: it overtakes, and bulk's turn comes all the same.
-- How often a job is taken up is counted in job_run, so the line itself never gives one up (the largest smallint).
CREATE FUNCTION queue_put(kind text, run uuid, payload jsonb, bulk boolean, queue_name text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  org text := public.queue_org();
  job bigint;
BEGIN
  -- What has no dot is the clock's, and belongs to no organisation.
  IF kind IS NULL OR position('.' IN kind) = 0 THEN
    RAISE EXCEPTION 'the queue: % is no job of an organisation', kind USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT j.id INTO job FROM graphile_worker.add_job(
    identifier := kind,
    payload := (coalesce(payload, '{}') || jsonb_build_object('orgId', org, 'jobRunId', run))::json,
    queue_name := org || ':' || queue_name,
    run_at := clock_timestamp() - CASE WHEN bulk THEN interval '0' ELSE interval '1 minute' END,
    max_attempts := 32767,
    flags := CASE WHEN bulk THEN ARRAY['kind:' || kind, 'bulk'] ELSE ARRAY['kind:' || kind] END) j;
  RETURN job;
END $$;
--> statement-breakpoint
-- Whether it was there, and nobody had begun it.
CREATE FUNCTION queue_take_out(job bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  DELETE FROM graphile_worker._private_jobs j
  WHERE j.id = job AND j.locked_at IS NULL AND j.payload ->> 'orgId' = public.queue_org();
  RETURN FOUND;
END $$;
--> statement-breakpoint
-- Out of the line for good, and the queue that it held open for the next; unless another worker has it by now.
CREATE FUNCTION queue_over(job bigint, worker text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  WITH gone AS (
    DELETE FROM graphile_worker._private_jobs j
    WHERE j.id = job AND (j.locked_by = worker OR j.locked_by IS NULL) AND j.payload ->> 'orgId' = public.queue_org()
    RETURNING j.job_queue_id)
  UPDATE graphile_worker._private_job_queues q SET locked_by = NULL, locked_at = NULL
  FROM gone WHERE q.id = gone.job_queue_id AND q.locked_by = worker;
END $$;
--> statement-breakpoint
-- Back to its place in the line, for another worker.
CREATE FUNCTION queue_hand_back(job bigint, worker text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  WITH back AS (
    UPDATE graphile_worker._private_jobs j SET locked_by = NULL, locked_at = NULL, attempts = greatest(0, j.attempts - 1)
    WHERE j.id = job AND j.locked_by = worker AND j.payload ->> 'orgId' = public.queue_org()
    RETURNING j.job_queue_id)
  UPDATE graphile_worker._private_job_queues q SET locked_by = NULL, locked_at = NULL
  FROM back WHERE q.id = back.job_queue_id AND q.locked_by = worker;
  PERFORM pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":1}');
END $$;
--> statement-breakpoint
-- A job that an older version put into the line is told which row of job_run is its own.
CREATE FUNCTION queue_name_run(job bigint, run uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  UPDATE graphile_worker._private_jobs j SET payload = (j.payload::jsonb || jsonb_build_object('jobRunId', run))::json
  WHERE j.id = job AND j.payload ->> 'orgId' = public.queue_org() AND j.payload ->> 'jobRunId' IS NULL;
  RETURN FOUND;
END $$;
--> statement-breakpoint
-- Jobs of this kind that live workers run at the same time; at least two, so that a place has its next job at once.
CREATE FUNCTION queue_places(kind text) RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT greatest(2, coalesce(sum(h.places), 0))::integer FROM public.worker_heartbeat h
  WHERE kind = ANY (h.kinds) AND h.seen_at > now() - interval '30 seconds'
$$;
--> statement-breakpoint
-- Those of these runs that the line does not have under the number that they were given.
CREATE FUNCTION queue_missing(runs uuid[], jobs bigint[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT r.run FROM unnest(runs, jobs) AS r (run, job)
  WHERE NOT EXISTS (
    SELECT FROM graphile_worker._private_jobs j WHERE j.id = r.job AND j.payload ->> 'jobRunId' = r.run::text);
END $$;
--> statement-breakpoint
-- Those of these versions that a job in the line is about which has no row in job_run: an older version put it there.
CREATE FUNCTION queue_unadopted(kind text, versions uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN QUERY SELECT v.id FROM unnest(versions) AS v (id)
  WHERE v.id::text IN (
    SELECT j.payload ->> 'versionId' FROM graphile_worker._private_jobs j JOIN graphile_worker._private_tasks t ON t.id = j.task_id
    WHERE t.identifier = kind AND j.payload ->> 'jobRunId' IS NULL AND j.payload ->> 'versionId' IS NOT NULL);
END $$;
--> statement-breakpoint
CREATE FUNCTION app_tell_job(run uuid) RETURNS void
LANGUAGE sql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
  INSERT INTO public.signal (org_id, topic, subject_id) VALUES (public.queue_org()::uuid, 'job', run)
$$;
--> statement-breakpoint
-- Lets the organisation's next jobs of this kind into the line, up to its window. Returns how many.
CREATE FUNCTION app_admit_jobs(kind text) RETURNS integer
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  org uuid := public.queue_org()::uuid;
  room integer;
  r record;
  admitted integer := 0;
BEGIN
  SELECT public.queue_places(app_admit_jobs.kind) - count(*) INTO room FROM public.job_run j
  WHERE j.org_id = org AND j.kind = app_admit_jobs.kind AND j.state IN ('queued', 'running');
  IF room <= 0 THEN
    RETURN 0;
  END IF;
  FOR r IN
    SELECT j.id, j.payload, j.bulk, j.queue_name FROM public.job_run j
    WHERE j.org_id = org AND j.kind = app_admit_jobs.kind AND j.state IN ('waiting', 'retrying')
      AND (j.run_at IS NULL OR j.run_at <= clock_timestamp())
    ORDER BY j.priority, j.bulk, j.created_at, j.id
    LIMIT room FOR UPDATE SKIP LOCKED
  LOOP
    UPDATE public.job_run j SET state = 'queued', run_at = NULL, updated_at = now(),
      job_id = public.queue_put(app_admit_jobs.kind, r.id, r.payload, r.bulk, r.queue_name)::text
    WHERE j.org_id = org AND j.id = r.id;
    PERFORM public.app_tell_job(r.id);
    admitted := admitted + 1;
  END LOOP;
  RETURN admitted;
END $$;
--> statement-breakpoint
DROP FUNCTION enqueue_job(text, jsonb, integer, integer, timestamptz, text, text);
--> statement-breakpoint
-- Asks for a job, in the caller's transaction. The first seven arguments are those of the version before. An organisation
-- that has eight to be done of a kind waits for a heap, and not for each of them: from then on they are bulk.
CREATE FUNCTION enqueue_job(
  kind text, payload jsonb, max_attempts integer, priority integer DEFAULT NULL, run_at timestamptz DEFAULT NULL,
  job_key text DEFAULT NULL, queue_name text DEFAULT NULL, bulk boolean DEFAULT false, subject uuid DEFAULT NULL
) RETURNS uuid
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  org uuid := public.queue_org()::uuid;
  run uuid;
  is_bulk boolean := coalesce(enqueue_job.bulk, false) OR (
    SELECT count(*) >= 8 FROM (
      SELECT FROM public.job_run j WHERE j.org_id = org AND j.kind = enqueue_job.kind
        AND j.state IN ('waiting', 'queued', 'running', 'retrying') LIMIT 8) unfinished);
BEGIN
  IF enqueue_job.job_key IS NOT NULL THEN
    -- One that has not begun becomes this one, and keeps its place.
    UPDATE public.job_run j SET payload = enqueue_job.payload - 'orgId' - 'jobRunId', subject_id = enqueue_job.subject,
      max_attempts = enqueue_job.max_attempts + j.attempt, priority = coalesce(enqueue_job.priority, 0), updated_at = now(),
      crashes = 0, run_at = CASE WHEN j.state = 'queued' THEN NULL ELSE enqueue_job.run_at END
    WHERE j.org_id = org AND j.id = (
      SELECT k.id FROM public.job_run k
      WHERE k.org_id = org AND k.kind = enqueue_job.kind AND k.job_key = enqueue_job.job_key
        AND k.state IN ('waiting', 'queued', 'retrying') AND k.cancel_requested_at IS NULL LIMIT 1 FOR UPDATE)
      AND j.state IN ('waiting', 'queued', 'retrying')
    RETURNING j.id INTO run;
  END IF;
  IF run IS NULL THEN
    run := gen_random_uuid();
    INSERT INTO public.job_run
      (org_id, id, kind, subject_id, state, payload, bulk, priority, max_attempts, job_key, queue_name, run_at, created_at)
    VALUES (org, run, enqueue_job.kind, enqueue_job.subject, 'waiting', enqueue_job.payload - 'orgId' - 'jobRunId', is_bulk,
      coalesce(enqueue_job.priority, 0), enqueue_job.max_attempts, enqueue_job.job_key, enqueue_job.queue_name,
      enqueue_job.run_at, clock_timestamp());
  END IF;
  IF public.app_admit_jobs(enqueue_job.kind) = 0 THEN
    PERFORM public.app_tell_job(run);
  END IF;
  RETURN run;
END $$;
--> statement-breakpoint
-- A job that an older version put into the line gets its row. Null when the line does not have it.
CREATE FUNCTION app_adopt_job(job bigint, kind text, payload jsonb, subject uuid, max_attempts integer, priority integer) RETURNS uuid
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  run uuid := gen_random_uuid();
BEGIN
  IF NOT public.queue_name_run(job, run) THEN
    RETURN NULL;
  END IF;
  INSERT INTO public.job_run (org_id, id, job_id, kind, subject_id, state, payload, priority, max_attempts)
  VALUES (public.queue_org()::uuid, run, job::text, app_adopt_job.kind, app_adopt_job.subject, 'queued',
    app_adopt_job.payload, app_adopt_job.priority, app_adopt_job.max_attempts);
  RETURN run;
END $$;
--> statement-breakpoint
-- A worker has taken this row of the line. No row: there is no such job in this organisation. `stale`: the job is over, or
-- stands elsewhere in the line. `spent`: it was taken up as often as it may be.
CREATE FUNCTION app_job_started(
  run uuid, job bigint, worker text,
  OUT verdict text, OUT kind text, OUT payload jsonb, OUT bulk boolean, OUT attempt integer, OUT max_attempts integer,
  OUT cancelled boolean, OUT waited_ms double precision
) RETURNS SETOF record
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  r public.job_run;
BEGIN
  SELECT j.* INTO r FROM public.job_run j WHERE j.org_id = public.queue_org()::uuid AND j.id = run FOR UPDATE;
  IF NOT FOUND THEN
    RETURN;
  END IF;
  kind := r.kind; payload := r.payload; bulk := r.bulk; attempt := r.attempt; max_attempts := r.max_attempts;
  cancelled := r.cancel_requested_at IS NOT NULL;
  waited_ms := extract(epoch FROM clock_timestamp() - r.created_at) * 1000;
  IF r.job_id IS DISTINCT FROM job::text OR r.state NOT IN ('queued', 'running') THEN
    verdict := 'stale';
    RETURN NEXT;
    RETURN;
  END IF;
  IF r.state = 'running' THEN
    -- The line gives a job to one worker at a time: whoever had it is no more.
    UPDATE public.job_attempt a SET state = 'lost', finished_at = now(), error_class = 'worker_lost', progress = r.progress
    WHERE a.org_id = r.org_id AND a.job_run_id = r.id AND a.attempt = r.attempt AND a.state = 'running';
  END IF;
  attempt := r.attempt + 1;
  verdict := CASE WHEN r.attempt >= r.max_attempts THEN 'spent' ELSE 'run' END;
  UPDATE public.job_run j SET state = 'running', attempt = r.attempt + 1, worker = app_job_started.worker, stage = NULL,
    progress = NULL, run_at = NULL, started_at = coalesce(j.started_at, clock_timestamp()), updated_at = clock_timestamp()
  WHERE j.org_id = r.org_id AND j.id = r.id;
  INSERT INTO public.job_attempt (org_id, job_run_id, attempt, worker, state, created_at)
  VALUES (r.org_id, r.id, r.attempt + 1, app_job_started.worker, 'running', clock_timestamp());
  PERFORM public.app_tell_job(r.id);
  RETURN NEXT;
END $$;
--> statement-breakpoint
-- Where the job is. False: it is not this worker's any more.
CREATE FUNCTION app_job_progress(run uuid, attempt integer, worker text, stage text, progress integer) RETURNS boolean
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  org uuid := public.queue_org()::uuid;
  was text;
BEGIN
  SELECT coalesce(j.stage, '') INTO was FROM public.job_run j
  WHERE j.org_id = org AND j.id = run AND j.state = 'running' AND j.attempt = app_job_progress.attempt
    AND j.worker = app_job_progress.worker FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE public.job_run j SET stage = coalesce(app_job_progress.stage, j.stage), progress = coalesce(app_job_progress.progress, j.progress),
    updated_at = clock_timestamp()
  WHERE j.org_id = org AND j.id = run;
  IF app_job_progress.stage IS DISTINCT FROM was THEN
    UPDATE public.job_attempt a
    SET stages = a.stages || jsonb_build_object('stage', app_job_progress.stage, 'at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    WHERE a.org_id = org AND a.job_run_id = run AND a.attempt = app_job_progress.attempt AND app_job_progress.stage IS NOT NULL
      -- A job that goes to and fro between its stages fills no row.
      AND jsonb_array_length(a.stages) < 50;
  END IF;
  PERFORM public.app_tell_job(run);
  RETURN true;
END $$;
--> statement-breakpoint
-- Ends an attempt, takes its row out of the line and lets the organisation's next job in, all or none. `outcome`:
-- succeeded, failed or cancelled end the job; retrying: again after `delay_ms`; returned: the worker stops, and the attempt
-- does not count. False, and nothing is written, when another worker has the job by now.
CREATE FUNCTION app_job_ended(
  run uuid, attempt integer, worker text, outcome text, delay_ms double precision DEFAULT 0,
  error_class text DEFAULT NULL, error_message text DEFAULT NULL, error_stack text DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  org uuid := public.queue_org()::uuid;
  r public.job_run;
BEGIN
  SELECT j.* INTO r FROM public.job_run j
  WHERE j.org_id = org AND j.id = run AND j.state = 'running' AND j.attempt = app_job_ended.attempt
    AND j.worker = app_job_ended.worker FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  UPDATE public.job_attempt a SET finished_at = clock_timestamp(), progress = r.progress,
    state = CASE WHEN a.state = 'lost' THEN a.state ELSE outcome END,
    error_class = app_job_ended.error_class, error_message = app_job_ended.error_message, error_stack = app_job_ended.error_stack
  WHERE a.org_id = org AND a.job_run_id = run AND a.attempt = r.attempt;
  UPDATE public.job_run j SET updated_at = clock_timestamp(),
    state = CASE outcome WHEN 'returned' THEN 'queued' ELSE outcome END,
    job_id = CASE outcome WHEN 'returned' THEN j.job_id END,
    worker = CASE WHEN outcome IN ('returned', 'retrying') THEN NULL ELSE j.worker END,
    max_attempts = j.max_attempts + CASE outcome WHEN 'returned' THEN 1 ELSE 0 END,
    run_at = CASE outcome WHEN 'retrying' THEN clock_timestamp() + delay_ms * interval '1 millisecond' END,
    finished_at = CASE WHEN outcome IN ('returned', 'retrying') THEN NULL ELSE clock_timestamp() END,
    stage = NULL, progress = CASE outcome WHEN 'succeeded' THEN 100 ELSE j.progress END,
    error_class = CASE WHEN outcome IN ('succeeded', 'returned') THEN NULL ELSE app_job_ended.error_class END,
    error_message = CASE WHEN outcome IN ('succeeded', 'returned') THEN NULL ELSE app_job_ended.error_message END
  WHERE j.org_id = org AND j.id = run;
  IF outcome = 'returned' THEN
    PERFORM public.queue_hand_back(r.job_id::bigint, app_job_ended.worker);
  ELSE
    PERFORM public.queue_over(r.job_id::bigint, app_job_ended.worker);
    PERFORM public.app_admit_jobs(r.kind);
  END IF;
  PERFORM public.app_tell_job(run);
  RETURN true;
END $$;
--> statement-breakpoint
-- The worker of this job is dead. The attempt counts, unless the job came further than in any attempt before. `again`: it
-- waits for `delays_ms` of so many crashes, then for its turn. `over`: enough; whoever asked ends what the job was about,
-- and then the job (app_job_ended with `failed`). Null: it is not that worker's job any more.
CREATE FUNCTION app_job_lost(run uuid, worker text, max_crashes integer, delays_ms integer[]) RETURNS text
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  org uuid := public.queue_org()::uuid;
  r public.job_run;
  further boolean;
BEGIN
  SELECT j.* INTO r FROM public.job_run j
  WHERE j.org_id = org AND j.id = run AND j.state = 'running' AND j.worker = app_job_lost.worker FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  END IF;
  further := r.progress > (
    SELECT coalesce(max(a.progress), 0) FROM public.job_attempt a
    WHERE a.org_id = org AND a.job_run_id = run AND a.attempt < r.attempt) AND r.attempt > 1;
  UPDATE public.job_attempt a SET state = 'lost', finished_at = clock_timestamp(), error_class = 'worker_lost', progress = r.progress
  WHERE a.org_id = org AND a.job_run_id = run AND a.attempt = r.attempt AND a.state = 'running';
  -- Not counted twice when whoever counted it died in turn.
  IF FOUND THEN
    IF coalesce(further, false) THEN
      r.max_attempts := r.max_attempts + 1;
    ELSE
      r.crashes := r.crashes + 1;
    END IF;
  END IF;
  IF r.crashes >= max_crashes OR r.attempt >= r.max_attempts THEN
    UPDATE public.job_run j SET crashes = r.crashes, max_attempts = r.max_attempts WHERE j.org_id = org AND j.id = run;
    RETURN 'over';
  END IF;
  UPDATE public.job_run j SET state = 'retrying', job_id = NULL, worker = NULL, crashes = r.crashes, max_attempts = r.max_attempts,
    stage = NULL, error_class = 'worker_lost', updated_at = clock_timestamp(),
    run_at = clock_timestamp() + coalesce(delays_ms[least(r.crashes, cardinality(delays_ms))], 0) * interval '1 millisecond'
  WHERE j.org_id = org AND j.id = run;
  PERFORM public.queue_over(r.job_id::bigint, app_job_lost.worker);
  PERFORM public.app_admit_jobs(r.kind);
  PERFORM public.app_tell_job(run);
  RETURN 'again';
END $$;
--> statement-breakpoint
-- A job whose row in the line is gone (a backup that was put back has the job, and not the line) waits for its turn again.
CREATE FUNCTION app_job_missing(run uuid, job text) RETURNS boolean
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  k text;
BEGIN
  UPDATE public.job_run j SET state = 'waiting', job_id = NULL, updated_at = clock_timestamp()
  WHERE j.org_id = public.queue_org()::uuid AND j.id = run AND j.state = 'queued' AND j.job_id = job
  RETURNING j.kind INTO k;
  IF k IS NULL THEN
    RETURN false;
  END IF;
  PERFORM public.app_admit_jobs(k);
  RETURN true;
END $$;
--> statement-breakpoint
-- Returns the state that it led to, null when there is no such job. `cancelled` at once when it had not begun: the caller
-- ends what the job was about, in the same transaction. `running`: its worker was asked, and does both within two seconds.
-- A job that is over stays as it is.
CREATE FUNCTION app_cancel_job(run uuid) RETURNS text
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  org uuid := public.queue_org()::uuid;
  r public.job_run;
BEGIN
  SELECT j.* INTO r FROM public.job_run j WHERE j.org_id = org AND j.id = run FOR UPDATE;
  IF NOT FOUND THEN
    RETURN NULL;
  ELSIF r.state IN ('succeeded', 'failed', 'cancelled') THEN
    RETURN r.state;
  ELSIF r.state = 'running' OR (r.state = 'queued' AND NOT public.queue_take_out(r.job_id::bigint)) THEN
    -- Running, or on its way into a worker's hands: it stops when it is seen there.
    UPDATE public.job_run j SET cancel_requested_at = coalesce(j.cancel_requested_at, clock_timestamp()), updated_at = clock_timestamp()
    WHERE j.org_id = org AND j.id = run;
    PERFORM public.app_tell_job(run);
    RETURN 'running';
  END IF;
  UPDATE public.job_run j SET state = 'cancelled', job_id = NULL, error_class = 'cancelled', finished_at = clock_timestamp(),
    cancel_requested_at = coalesce(j.cancel_requested_at, clock_timestamp()), updated_at = clock_timestamp(), run_at = NULL
  WHERE j.org_id = org AND j.id = run;
  PERFORM public.app_admit_jobs(r.kind);
  PERFORM public.app_tell_job(run);
  RETURN 'cancelled';
END $$;
--> statement-breakpoint
-- A job that failed or was cancelled waits for its turn again, with as many attempts as a new one; its history stays. False
-- when it is neither. The caller makes what it was about wait too, in the same transaction.
CREATE FUNCTION app_retry_job(run uuid, max_attempts integer) RETURNS boolean
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  k text;
BEGIN
  UPDATE public.job_run j SET state = 'waiting', job_id = NULL, worker = NULL, max_attempts = j.attempt + app_retry_job.max_attempts,
    crashes = 0, stage = NULL, progress = NULL, error_class = NULL, error_message = NULL, finished_at = NULL, started_at = NULL,
    run_at = NULL, cancel_requested_at = NULL, updated_at = clock_timestamp()
  WHERE j.org_id = public.queue_org()::uuid AND j.id = run AND j.state IN ('failed', 'cancelled')
  RETURNING j.kind INTO k;
  IF k IS NULL THEN
    RETURN false;
  END IF;
  PERFORM public.app_admit_jobs(k);
  PERFORM public.app_tell_job(run);
  RETURN true;
END $$;
--> statement-breakpoint
-- Lower runs first, among the jobs of its organisation: nobody gets before another organisation by it. A job that waits
-- takes the place in the line of one that is now after it. False when it is over, or runs, or is not there.
CREATE FUNCTION app_prioritise_job(run uuid, priority integer) RETURNS boolean
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  org uuid := public.queue_org()::uuid;
  r public.job_run;
  last public.job_run;
BEGIN
  UPDATE public.job_run j SET priority = app_prioritise_job.priority, updated_at = clock_timestamp()
  WHERE j.org_id = org AND j.id = run AND j.state IN ('waiting', 'queued', 'retrying') RETURNING j.* INTO r;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF r.state = 'waiting' THEN
    SELECT j.* INTO last FROM public.job_run j WHERE j.org_id = org AND j.kind = r.kind AND j.state = 'queued'
      AND (j.priority, j.bulk, j.created_at, j.id) > (r.priority, r.bulk, r.created_at, r.id)
    ORDER BY j.priority DESC, j.bulk DESC, j.created_at DESC, j.id DESC LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND AND public.queue_take_out(last.job_id::bigint) THEN
      UPDATE public.job_run j SET state = 'waiting', job_id = NULL, updated_at = clock_timestamp()
      WHERE j.org_id = org AND j.id = last.id;
      PERFORM public.app_tell_job(last.id);
      PERFORM public.app_admit_jobs(r.kind);
    END IF;
  END IF;
  PERFORM public.app_tell_job(run);
  RETURN true;
END $$;
--> statement-breakpoint
-- Workers take no more jobs of this kind; those that run go on, and whatever is asked for waits. False: it was so already.
CREATE FUNCTION app_pause_kind(kind text, paused_by text) RETURNS boolean
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  INSERT INTO public.job_pause (kind, paused_by) VALUES (app_pause_kind.kind, app_pause_kind.paused_by) ON CONFLICT DO NOTHING;
  RETURN FOUND;
END $$;
--> statement-breakpoint
CREATE FUNCTION app_resume_kind(kind text) RETURNS boolean
LANGUAGE plpgsql SECURITY INVOKER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  resumed boolean;
BEGIN
  DELETE FROM public.job_pause p WHERE p.kind = app_resume_kind.kind;
  resumed := FOUND;
  -- Workers that have found nothing to do look again at once.
  PERFORM pg_notify('jobs:insert', '{"r":' || random()::text || ',"count":100}');
  RETURN resumed;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION queue_org(), queue_put(text, uuid, jsonb, boolean, text), queue_take_out(bigint), queue_over(bigint, text),
  queue_hand_back(bigint, text), queue_name_run(bigint, uuid), queue_places(text), queue_missing(uuid[], bigint[]), queue_unadopted(text, uuid[]),
  app_tell_job(uuid), app_admit_jobs(text),
  enqueue_job(text, jsonb, integer, integer, timestamptz, text, text, boolean, uuid), app_adopt_job(bigint, text, jsonb, uuid, integer, integer), app_job_started(uuid, bigint, text),
  app_job_progress(uuid, integer, text, text, integer),
  app_job_ended(uuid, integer, text, text, double precision, text, text, text), app_job_lost(uuid, text, integer, integer[]),
  app_job_missing(uuid, text), app_cancel_job(uuid), app_retry_job(uuid, integer), app_prioritise_job(uuid, integer),
  app_pause_kind(text, text), app_resume_kind(text) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION queue_org(), queue_put(text, uuid, jsonb, boolean, text), queue_take_out(bigint), queue_over(bigint, text),
  queue_hand_back(bigint, text), queue_name_run(bigint, uuid), queue_places(text), app_tell_job(uuid),
  app_admit_jobs(text), enqueue_job(text, jsonb, integer, integer, timestamptz, text, text, boolean, uuid),
  app_adopt_job(bigint, text, jsonb, uuid, integer, integer), app_job_started(uuid, bigint, text),
  app_job_progress(uuid, integer, text, text, integer),
  app_job_ended(uuid, integer, text, text, double precision, text, text, text), app_job_lost(uuid, text, integer, integer[]),
  app_job_missing(uuid, text), app_cancel_job(uuid), app_retry_job(uuid, integer), app_prioritise_job(uuid, integer) TO app_user;
--> statement-breakpoint
-- queue_*() run as the queue's owner, who asks in turn whose transaction it is.
GRANT EXECUTE ON FUNCTION queue_org() TO app_worker;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION queue_places(text), queue_missing(uuid[], bigint[]), queue_unadopted(text, uuid[]),
  app_pause_kind(text, text), app_resume_kind(text) TO app_system;
