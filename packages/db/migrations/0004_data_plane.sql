CREATE TABLE "cache_outbox" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"subject_id" uuid NOT NULL,
	"tag" text NOT NULL,
	"version" bigint,
	"transaction" xid8 DEFAULT pg_catalog.pg_current_xact_id() NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "cache_version" (
	"subject_id" uuid NOT NULL,
	"tag" text NOT NULL,
	"version" bigint NOT NULL,
	CONSTRAINT "cache_version_subject_id_tag_pk" PRIMARY KEY("subject_id","tag")
);
--> statement-breakpoint
CREATE TABLE "feature_flag" (
	"name" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"enabled" boolean NOT NULL,
	"percentage" integer DEFAULT 100 NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" text,
	CONSTRAINT "feature_flag_name_subject_id_pk" PRIMARY KEY("name","subject_id")
);
--> statement-breakpoint
CREATE TABLE "organisation_limit" (
	"subject_id" uuid PRIMARY KEY NOT NULL,
	"per_minute" integer,
	"per_hour" integer,
	"runs_per_user" integer,
	"runs_per_organisation" integer,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_by" text
);
--> statement-breakpoint
CREATE TABLE "process_lease" (
	"name" text PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"host" text NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE INDEX "cache_outbox_of_transaction" ON "cache_outbox" USING btree ("transaction") WHERE version is null;
--> statement-breakpoint
ALTER TABLE "message" ADD COLUMN "folded" text GENERATED ALWAYS AS (lower(text)) STORED;
--> statement-breakpoint
CREATE INDEX "citation_of_owner" ON "citation" USING btree ("org_id","owner_id","document_id");
--> statement-breakpoint
CREATE INDEX "run_of_owner" ON "run" USING btree ("org_id","owner_id");
--> statement-breakpoint
CREATE INDEX "document_version_of_state" ON "document_version" USING btree ("org_id","state","document_id");
--> statement-breakpoint
CREATE INDEX "document_version_of_type" ON "document_version" USING btree ("org_id","media_type","document_id");
--> statement-breakpoint
CREATE INDEX "document_version_of_content" ON "document_version" USING btree ("org_id","content_hash");
--> statement-breakpoint
CREATE INDEX "idempotency_key_age" ON "idempotency_key" USING btree ("created_at");
--> statement-breakpoint
CREATE INDEX "job_run_running" ON "job_run" USING btree ("worker") WHERE state = 'running';
--> statement-breakpoint
CREATE INDEX "job_run_age" ON "job_run" USING btree ("created_at");
--> statement-breakpoint
CREATE INDEX "member_of_role" ON "auth"."member" USING btree ("organization_id","role");
--> statement-breakpoint
CREATE INDEX "document_version_of_model" ON "document_version" USING btree ("semantic_model") WHERE state = 'searchable';
--> statement-breakpoint
CREATE INDEX "invitation_pending" ON "auth"."invitation" USING btree ("organization_id") WHERE status = 'pending';
--> statement-breakpoint
-- What changes a cached read touches its versions, in the same transaction; a trigger, so that no write can forget it.
-- Arguments: pairs of a column that holds the subject (an organisation, a person or a key) and a tag. Owner's rights:
-- whoever writes the row has none on the versions.
CREATE FUNCTION app_touch() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  changed jsonb := to_jsonb(CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END);
  subject uuid;
  i integer := 0;
BEGIN
  WHILE i < TG_NARGS LOOP
    subject := (changed ->> TG_ARGV[i])::uuid;
    IF subject IS NOT NULL AND NOT EXISTS (
      SELECT FROM public.cache_outbox o
      WHERE o.transaction = pg_current_xact_id() AND o.version IS NULL AND o.subject_id = subject AND o.tag = TG_ARGV[i + 1]
    ) THEN
      INSERT INTO public.cache_outbox (subject_id, tag) VALUES (subject, TG_ARGV[i + 1]);
    END IF;
    i := i + 2;
  END LOOP;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- What members and keys of an organisation, or somebody's fellow members, are shown: its name, their name.
CREATE FUNCTION app_touch_members() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  IF TG_TABLE_NAME = 'organization' THEN
    INSERT INTO public.cache_outbox (subject_id, tag)
    SELECT NEW.id, 'permission'
    UNION SELECT m.user_id, 'access' FROM auth.member m WHERE m.organization_id = NEW.id
    UNION SELECT k.id, 'access' FROM auth.apikey k WHERE k.reference_id = NEW.id::text;
  ELSE
    INSERT INTO public.cache_outbox (subject_id, tag)
    SELECT NEW.id, 'access' UNION SELECT m.organization_id, 'permission' FROM auth.member m WHERE m.user_id = NEW.id;
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
-- Runs at the commit, once for all that the transaction touched and in one order: no other row is locked after it, so
-- that two transactions never wait for each other here, and a version is locked for the length of a commit only.
CREATE FUNCTION app_count_versions() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
  -- The first of a transaction's rows counts for all of them: a rename of a large organisation touches thousands.
  IF NOT EXISTS (SELECT FROM public.cache_outbox o WHERE o.id = NEW.id) THEN
    RETURN NULL;
  END IF;
  -- Told anew rather than completed: nothing here is joined, which a planner without statistics does row by row.
  WITH touched AS (
    DELETE FROM public.cache_outbox WHERE transaction = pg_current_xact_id() AND version IS NULL RETURNING subject_id, tag
  ), counted AS (
    INSERT INTO public.cache_version AS v (subject_id, tag, version)
    SELECT subject_id, tag, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
    FROM (SELECT DISTINCT subject_id, tag FROM touched ORDER BY subject_id, tag) each_once
    ON CONFLICT (subject_id, tag) DO UPDATE SET version = greatest(v.version + 1, excluded.version)
    RETURNING v.subject_id, v.tag, v.version
  )
  INSERT INTO public.cache_outbox (subject_id, tag, version) SELECT subject_id, tag, version FROM counted;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER count_versions AFTER INSERT ON cache_outbox DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.version IS NULL) EXECUTE FUNCTION app_count_versions();
--> statement-breakpoint
CREATE TRIGGER touch AFTER INSERT OR DELETE OR UPDATE OF name, visibility ON collection
FOR EACH ROW EXECUTE FUNCTION app_touch('org_id', 'permission', 'org_id', 'documents', 'org_id', 'index');
--> statement-breakpoint
CREATE TRIGGER touch_index AFTER UPDATE OF index_version ON collection
FOR EACH ROW EXECUTE FUNCTION app_touch('org_id', 'index');
--> statement-breakpoint
CREATE TRIGGER touch AFTER INSERT OR UPDATE OR DELETE ON collection_grant
FOR EACH ROW EXECUTE FUNCTION app_touch('org_id', 'permission');
--> statement-breakpoint
CREATE TRIGGER touch AFTER INSERT OR UPDATE OR DELETE ON document
FOR EACH ROW EXECUTE FUNCTION app_touch('org_id', 'documents', 'org_id', 'index');
--> statement-breakpoint
CREATE TRIGGER touch AFTER INSERT OR UPDATE OR DELETE ON document_version
FOR EACH ROW EXECUTE FUNCTION app_touch('org_id', 'documents');
--> statement-breakpoint
-- How much of a version is embedded changes what a search by meaning finds: also where the rounded share stays.
CREATE TRIGGER touch_index AFTER UPDATE OF semantic, semantic_model ON document_version
FOR EACH ROW EXECUTE FUNCTION app_touch('org_id', 'index');
--> statement-breakpoint
CREATE TRIGGER touch AFTER INSERT OR DELETE OR UPDATE OF role, user_id, organization_id ON auth.member
FOR EACH ROW EXECUTE FUNCTION app_touch('organization_id', 'permission', 'user_id', 'access');
--> statement-breakpoint
-- Not when it was last used, which is noted once a minute.
CREATE TRIGGER touch AFTER INSERT OR DELETE OR UPDATE OF key, name, enabled, expires_at, metadata, reference_id, permissions ON auth.apikey
FOR EACH ROW EXECUTE FUNCTION app_touch('reference_id', 'permission', 'id', 'access');
--> statement-breakpoint
CREATE TRIGGER touch AFTER DELETE OR UPDATE OF active_organization_id, expires_at, token, user_id ON auth.session
FOR EACH ROW EXECUTE FUNCTION app_touch('user_id', 'access');
--> statement-breakpoint
CREATE TRIGGER touch AFTER UPDATE OF name, email ON auth."user"
FOR EACH ROW EXECUTE FUNCTION app_touch_members();
--> statement-breakpoint
CREATE TRIGGER touch AFTER UPDATE OF name ON auth.organization
FOR EACH ROW EXECUTE FUNCTION app_touch_members();
--> statement-breakpoint
-- The versions of some subjects, in one round trip of a connection that is in nobody's organisation: counts, no rows.
CREATE FUNCTION cache_versions(subjects uuid[]) RETURNS TABLE (subject_id uuid, tag text, version bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
  SELECT v.subject_id, v.tag, v.version FROM public.cache_version v WHERE v.subject_id = ANY (subjects)
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION app_touch(), app_touch_members(), app_count_versions(), cache_versions(uuid[]) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION cache_versions(uuid[]) TO login, app_system;
--> statement-breakpoint
REVOKE ALL ON cache_version, cache_outbox, feature_flag, organisation_limit, process_lease FROM PUBLIC;
--> statement-breakpoint
GRANT SELECT ON cache_version TO app_system;
--> statement-breakpoint
GRANT SELECT, DELETE ON cache_outbox TO app_system;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON feature_flag, organisation_limit, process_lease TO app_system;
--> statement-breakpoint
-- Readiness: which migrations there are, and no more.
GRANT USAGE ON SCHEMA drizzle TO app_system;
--> statement-breakpoint
GRANT SELECT ON drizzle.__drizzle_migrations TO app_system;
--> statement-breakpoint
-- How many answers are being written, for the caller and for the organisation: counts, no rows. A conversation is its
-- owner's alone, so that for the length of the count it is asked as a job would ask, within the same organisation.
CREATE FUNCTION app_runs_under_way(lease_seconds double precision, OUT own integer, OUT everybody integer)
LANGUAGE sql STABLE SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp SET app.actor_kind = 'system' AS $$
  SELECT (count(*) FILTER (WHERE r.owner_id = (SELECT nullif(current_setting('app.actor_id', true), '')::uuid)))::integer,
    count(*)::integer
  FROM public.run r
  WHERE r.org_id = (SELECT nullif(current_setting('app.org_id', true), '')::uuid) AND r.state = 'running'
    AND r.heartbeat_at > statement_timestamp() - lease_seconds * interval '1 second'
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION app_runs_under_way(double precision) FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION app_runs_under_way(double precision) TO app_user;
--> statement-breakpoint
-- A search is many small steps, whose costs may add up to what the planner compiles a statement for: 170 functions, which
-- take many times as long as the search.
DO $$
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_db_role_setting WHERE setrole = 'login'::regrole AND setdatabase = 0 AND setconfig @> ARRAY['jit=off']
  ) THEN
    ALTER ROLE login SET jit = off;
  END IF;
EXCEPTION WHEN internal_error THEN NULL; -- "tuple concurrently updated": the other one is setting the same
END $$;
