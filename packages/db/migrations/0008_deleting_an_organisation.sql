CREATE TABLE "organisation_deletion" (
	"subject_id" uuid PRIMARY KEY NOT NULL,
	"closed_at" timestamp with time zone NOT NULL,
	"began_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"looked_at" timestamp with time zone,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "auth"."organization" ADD COLUMN "closed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "auth"."organization" ADD COLUMN "closed_by" uuid;--> statement-breakpoint
ALTER TABLE "auth"."organization" ADD COLUMN "delete_at" timestamp with time zone;--> statement-breakpoint
-- locks: a row for each workspace, which nobody writes but who makes or renames one
CREATE INDEX "organization_closed" ON "auth"."organization" USING btree ("delete_at") WHERE delete_at is not null;
--> statement-breakpoint
REVOKE ALL ON organisation_deletion FROM PUBLIC;
--> statement-breakpoint
-- A copy of an installation brings it along; whoever deletes notes how far it is.
GRANT SELECT, INSERT, UPDATE ON organisation_deletion TO app_system;
--> statement-breakpoint
-- Who was a member, and which keys opened it, is remembered by web servers until this says otherwise.
CREATE TRIGGER touch_closing AFTER UPDATE OF closed_at ON auth.organization
FOR EACH ROW WHEN (OLD.closed_at IS DISTINCT FROM NEW.closed_at) EXECUTE FUNCTION app_touch_members();
--> statement-breakpoint
-- Those whose time to be opened again is over are being deleted from now on. Behind the lock that opening takes, too, which
-- looks at the clock after it has it.
CREATE FUNCTION begin_organisation_deletions() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
  begun integer;
BEGIN
  PERFORM FROM auth.organization o WHERE o.delete_at <= clock_timestamp() ORDER BY o.id FOR UPDATE;
  INSERT INTO public.organisation_deletion (subject_id, closed_at)
  SELECT o.id, o.closed_at FROM auth.organization o WHERE o.delete_at <= statement_timestamp() AND o.closed_at IS NOT NULL
  ON CONFLICT DO NOTHING;
  GET DIAGNOSTICS begun = ROW_COUNT;
  RETURN begun;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION begin_organisation_deletions() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION begin_organisation_deletions() TO app_system;
--> statement-breakpoint
-- The audit log is written and never changed, but for that of an organisation that is being deleted, which goes with it.
CREATE POLICY gone ON audit_event FOR ALL TO app_system
USING (org_id IN (SELECT d.subject_id FROM organisation_deletion d));
--> statement-breakpoint
GRANT SELECT (org_id, id), DELETE ON audit_event TO app_system;
--> statement-breakpoint
-- What is kept of an organisation that is gone ends with it.
GRANT DELETE ON cache_version TO app_system;
--> statement-breakpoint
-- The jobs of the transaction's organisation, whoever is at them, and the queues that they stood in. Returns how many jobs.
CREATE FUNCTION queue_forget() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
  org text := public.queue_org();
  gone integer;
BEGIN
  DELETE FROM graphile_worker._private_jobs j WHERE j.payload ->> 'orgId' = org;
  GET DIAGNOSTICS gone = ROW_COUNT;
  DELETE FROM graphile_worker._private_job_queues q
  WHERE q.queue_name LIKE org || ':%' AND NOT EXISTS (SELECT FROM graphile_worker._private_jobs j WHERE j.job_queue_id = q.id);
  RETURN gone;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION queue_forget() FROM PUBLIC;
--> statement-breakpoint
GRANT EXECUTE ON FUNCTION queue_forget() TO app_user;
