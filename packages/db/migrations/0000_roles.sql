CREATE EXTENSION IF NOT EXISTS vector;
--> statement-breakpoint
-- Roles belong to the whole cluster, so another database may have made them already, or be making them right now.
--   app_user    sees one tenant      app_system  sees ids and states of all, for sweeps
--   app_worker  owns the job queue   login       connects; has no right to any tenant table of its own
DO $$
DECLARE wanted text;
BEGIN
  FOREACH wanted IN ARRAY ARRAY['app_user', 'app_system', 'app_worker', 'login'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      BEGIN
        EXECUTE format('CREATE ROLE %I %s NOINHERIT NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE',
          wanted, CASE wanted WHEN 'login' THEN 'LOGIN' ELSE 'NOLOGIN' END);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
  END LOOP;
  FOREACH wanted IN ARRAY ARRAY['app_user', 'app_system', 'app_worker'] LOOP
    IF NOT EXISTS (
      SELECT FROM pg_auth_members WHERE roleid = wanted::regrole AND member = 'login'::regrole
    ) THEN
      BEGIN
        EXECUTE format('GRANT %I TO login', wanted);
      EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
      END;
    END IF;
  END LOOP;
  -- An owner that is no superuser installs the queue in app_worker's name.
  IF NOT pg_has_role(current_user, 'app_worker', 'MEMBER') THEN
    EXECUTE format('GRANT app_worker TO %I', current_user);
  END IF;
END $$;
--> statement-breakpoint
-- Ceilings for whatever forgets a deadline of its own. statement: longer than any request lives; lock: a blocked write
-- gives up before the reader does; idle: no transaction waits for anything but the database.
DO $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_db_role_setting WHERE setrole = 'login'::regrole AND setdatabase = 0
      AND setconfig @> ARRAY['statement_timeout=30s', 'lock_timeout=3s', 'idle_in_transaction_session_timeout=15s']
  ) THEN
    ALTER ROLE login SET statement_timeout = '30s';
    ALTER ROLE login SET lock_timeout = '3s';
    ALTER ROLE login SET idle_in_transaction_session_timeout = '15s';
  END IF;
EXCEPTION WHEN internal_error THEN NULL; -- "tuple concurrently updated": the other one is setting the same
END $$;
--> statement-breakpoint
REVOKE ALL ON SCHEMA public FROM PUBLIC;
--> statement-breakpoint
GRANT USAGE ON SCHEMA public TO app_user, app_system, app_worker, login;
