CREATE TABLE "cron_run" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"state" text NOT NULL,
	"worker" text,
	"requested_by" text,
	"counts" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"error_class" text,
	"error_message" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp with time zone,
	"finished_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "job_attempt" (
	"org_id" uuid NOT NULL,
	"job_run_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"worker" text NOT NULL,
	"state" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	"progress" integer,
	"stages" jsonb DEFAULT '[]'::jsonb NOT NULL,
	"error_class" text,
	"error_message" text,
	"error_stack" text,
	CONSTRAINT "job_attempt_org_id_job_run_id_attempt_pk" PRIMARY KEY("org_id","job_run_id","attempt")
);
--> statement-breakpoint
CREATE TABLE "job_pause" (
	"kind" text PRIMARY KEY NOT NULL,
	"paused_at" timestamp with time zone DEFAULT now() NOT NULL,
	"paused_by" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "usage_day" (
	"org_id" uuid NOT NULL,
	"day" date NOT NULL,
	"kind" text NOT NULL,
	"model" text NOT NULL,
	"events" integer NOT NULL,
	"input_tokens" bigint NOT NULL,
	"output_tokens" bigint NOT NULL,
	CONSTRAINT "usage_day_org_id_day_kind_model_pk" PRIMARY KEY("org_id","day","kind","model")
);
--> statement-breakpoint
CREATE TABLE "usage_event" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"owner_id" uuid NOT NULL,
	"model" text NOT NULL,
	"input_tokens" integer NOT NULL,
	"output_tokens" integer NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "usage_event_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "installation_owner" (
	"user_id" uuid PRIMARY KEY NOT NULL,
	"granted_at" timestamp with time zone DEFAULT now() NOT NULL,
	"granted_by" text
);
--> statement-breakpoint
CREATE TABLE "operator_event" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid,
	"action" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "job_run" ALTER COLUMN "job_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "job_run" ALTER COLUMN "attempt" SET DEFAULT 0;--> statement-breakpoint
ALTER TABLE "job_run" ALTER COLUMN "worker" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "run" ADD COLUMN "question_id" uuid;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "payload" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "bulk" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "priority" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "max_attempts" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "crashes" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "stage" text;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "progress" integer;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "error_message" text;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "job_key" text;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "queue_name" text;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "run_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "started_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "updated_at" timestamp with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "job_run" ADD COLUMN "cancel_requested_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "worker_heartbeat" ADD COLUMN "process_id" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "worker_heartbeat" ADD COLUMN "lane" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "worker_heartbeat" ADD COLUMN "kinds" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "worker_heartbeat" ADD COLUMN "places" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "job_attempt" ADD CONSTRAINT "job_attempt_org_id_job_run_id_job_run_org_id_id_fk" FOREIGN KEY ("org_id","job_run_id") REFERENCES "public"."job_run"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cron_run_newest" ON "cron_run" USING btree ("name","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "job_attempt_running" ON "job_attempt" USING btree ("worker") WHERE state = 'running';--> statement-breakpoint
CREATE INDEX "usage_event_age" ON "usage_event" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "operator_event_newest" ON "operator_event" USING btree ("created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "job_run_of_state" ON "job_run" USING btree ("org_id","state","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "job_run_of_subject" ON "job_run" USING btree ("org_id","subject_id","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "job_run_unfinished" ON "job_run" USING btree ("org_id","kind","priority","bulk","created_at","id") WHERE state in ('waiting', 'queued', 'running', 'retrying');--> statement-breakpoint
CREATE INDEX "job_run_of_key" ON "job_run" USING btree ("org_id","job_key") WHERE job_key is not null and state in ('waiting', 'queued', 'retrying');--> statement-breakpoint
CREATE INDEX "job_run_finished" ON "job_run" USING btree ("finished_at");--> statement-breakpoint
CREATE INDEX "job_run_ended" ON "job_run" USING btree ("org_id","finished_at");--> statement-breakpoint
CREATE INDEX "job_run_all_of_state" ON "job_run" USING btree ("state","created_at","id");--> statement-breakpoint
CREATE INDEX "job_run_of_error" ON "job_run" USING btree ("error_class","org_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST) WHERE error_class is not null;--> statement-breakpoint
DROP INDEX "job_run_age";--> statement-breakpoint
CREATE INDEX "job_run_age" ON "job_run" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "usage_event_of_time" ON "usage_event" USING btree ("org_id","created_at");