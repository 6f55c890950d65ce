CREATE TABLE "process_report" (
	"process" text NOT NULL,
	"at" timestamp with time zone DEFAULT now() NOT NULL,
	"kind" text NOT NULL,
	"index" integer NOT NULL,
	"host" text NOT NULL,
	"build" text NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"figures" jsonb NOT NULL,
	CONSTRAINT "process_report_process_at_pk" PRIMARY KEY("process","at"),
	CONSTRAINT "process_report_is_small" CHECK (octet_length(figures::text) <= 4096)
);
--> statement-breakpoint
CREATE INDEX "process_report_age" ON "process_report" USING btree ("at");--> statement-breakpoint
-- Of the installation: each process writes its own, and the clock deletes what is old. Nobody changes one.
REVOKE ALL ON process_report FROM PUBLIC;
--> statement-breakpoint
GRANT SELECT, INSERT, DELETE ON process_report TO app_system;
