CREATE SCHEMA "auth";
--> statement-breakpoint
CREATE TABLE "citation" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"owner_id" uuid NOT NULL,
	"marker" integer NOT NULL,
	"document_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"document" text NOT NULL,
	"title" text NOT NULL,
	"ordinal" integer NOT NULL,
	"page" integer,
	"span_start" integer NOT NULL,
	"span_end" integer NOT NULL,
	"quote" text NOT NULL,
	"quote_hash" text NOT NULL,
	"verified" boolean NOT NULL,
	CONSTRAINT "citation_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "conversation" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"owner_id" uuid NOT NULL,
	"title" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "conversation_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "message" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"owner_id" uuid NOT NULL,
	"role" text NOT NULL,
	"state" text NOT NULL,
	"text" text DEFAULT '' NOT NULL,
	"abstained" boolean DEFAULT false NOT NULL,
	"model" text,
	"failure" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "message_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "run" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"conversation_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"owner_id" uuid NOT NULL,
	"state" text DEFAULT 'running' NOT NULL,
	"scope" jsonb NOT NULL,
	"lease_holder" text,
	"heartbeat_at" timestamp with time zone,
	"attempt" integer DEFAULT 1 NOT NULL,
	"stop_requested_at" timestamp with time zone,
	"model" text,
	"usage" jsonb,
	"timings" jsonb,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "run_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "run_part" (
	"org_id" uuid NOT NULL,
	"run_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"owner_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"last_event_id" integer NOT NULL,
	"body" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_part_org_id_run_id_ordinal_pk" PRIMARY KEY("org_id","run_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "collection" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"visibility" text DEFAULT 'organisation' NOT NULL,
	"index_version" bigint DEFAULT 0 NOT NULL,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "collection_org_id_id_pk" PRIMARY KEY("org_id","id"),
	CONSTRAINT "collection_name" UNIQUE("org_id","name")
);
--> statement-breakpoint
CREATE TABLE "collection_grant" (
	"org_id" uuid NOT NULL,
	"collection_id" uuid NOT NULL,
	"grantee_kind" text NOT NULL,
	"grantee_id" uuid NOT NULL,
	"granted_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "collection_grant_org_id_collection_id_grantee_kind_grantee_id_pk" PRIMARY KEY("org_id","collection_id","grantee_kind","grantee_id")
);
--> statement-breakpoint
CREATE TABLE "collection_stat" (
	"org_id" uuid NOT NULL,
	"collection_id" uuid NOT NULL,
	"language" text NOT NULL,
	"chunks" integer DEFAULT 0 NOT NULL,
	"length" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "collection_stat_org_id_collection_id_language_pk" PRIMARY KEY("org_id","collection_id","language")
);
--> statement-breakpoint
CREATE TABLE "document" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"collection_id" uuid NOT NULL,
	"source_path" text NOT NULL,
	"title" text NOT NULL,
	"live_version_id" uuid,
	"latest_version_id" uuid,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "document_org_id_id_pk" PRIMARY KEY("org_id","id"),
	CONSTRAINT "document_source_path" UNIQUE("org_id","collection_id","source_path")
);
--> statement-breakpoint
CREATE TABLE "document_page" (
	"org_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"collection_id" uuid NOT NULL,
	"text" text NOT NULL,
	"width" double precision,
	"height" double precision,
	"boxes" jsonb DEFAULT '[]'::jsonb NOT NULL,
	CONSTRAINT "document_page_org_id_version_id_ordinal_pk" PRIMARY KEY("org_id","version_id","ordinal")
);
--> statement-breakpoint
CREATE TABLE "document_version" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"document_id" uuid NOT NULL,
	"collection_id" uuid NOT NULL,
	"state" text DEFAULT 'uploading' NOT NULL,
	"stage" text,
	"progress" integer DEFAULT 0 NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"content_hash" text,
	"blob_key" text,
	"size_bytes" bigint NOT NULL,
	"media_type" text,
	"page_count" integer,
	"section_count" integer,
	"chunk_count" integer,
	"language" text,
	"error_code" text,
	"error_text" text,
	"created_by" uuid,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"searchable_at" timestamp with time zone,
	CONSTRAINT "document_version_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "chunk" (
	"org_id" uuid NOT NULL,
	"version_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"document_id" uuid NOT NULL,
	"collection_id" uuid NOT NULL,
	"heading_path" text[] NOT NULL,
	"page_from" integer NOT NULL,
	"page_to" integer NOT NULL,
	"span_start" integer NOT NULL,
	"span_end" integer NOT NULL,
	"token_count" integer NOT NULL,
	"language" text NOT NULL,
	CONSTRAINT "chunk_org_id_version_id_ordinal_pk" PRIMARY KEY("org_id","version_id","ordinal")
) PARTITION BY HASH ("org_id");
--> statement-breakpoint
-- 8 partitions: a tenant's rows stay together, and each index stays small enough to be rebuilt alone.
DO $$ BEGIN FOR i IN 0..7 LOOP EXECUTE format('CREATE TABLE chunk_p%s PARTITION OF chunk FOR VALUES WITH (MODULUS 8, REMAINDER %s)', i, i); END LOOP; END $$;
--> statement-breakpoint
CREATE TABLE "posting" (
	"org_id" uuid NOT NULL,
	"lexeme" text NOT NULL,
	"version_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"collection_id" uuid NOT NULL,
	"tf" integer NOT NULL,
	"length" integer NOT NULL,
	CONSTRAINT "posting_org_id_lexeme_version_id_ordinal_pk" PRIMARY KEY("org_id","lexeme","version_id","ordinal") INCLUDE ("collection_id","tf","length")
) PARTITION BY HASH ("org_id");
--> statement-breakpoint
-- 8 partitions: a tenant's rows stay together, and each index stays small enough to be rebuilt alone.
DO $$ BEGIN FOR i IN 0..7 LOOP EXECUTE format('CREATE TABLE posting_p%s PARTITION OF posting FOR VALUES WITH (MODULUS 8, REMAINDER %s)', i, i); END LOOP; END $$;
--> statement-breakpoint
CREATE TABLE "audit_event" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" uuid,
	"action" text NOT NULL,
	"subject_kind" text NOT NULL,
	"subject_id" text NOT NULL,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"request_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_event_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "idempotency_key" (
	"org_id" uuid NOT NULL,
	"actor_id" uuid NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"response" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_key_org_id_actor_id_key_pk" PRIMARY KEY("org_id","actor_id","key")
);
--> statement-breakpoint
CREATE TABLE "job_run" (
	"org_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"job_id" text NOT NULL,
	"kind" text NOT NULL,
	"subject_id" uuid,
	"state" text NOT NULL,
	"attempt" integer NOT NULL,
	"worker" text NOT NULL,
	"error_class" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "job_run_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "signal" (
	"org_id" uuid NOT NULL,
	"id" bigserial NOT NULL,
	"topic" text NOT NULL,
	"subject_id" uuid NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "signal_org_id_id_pk" PRIMARY KEY("org_id","id")
);
--> statement-breakpoint
CREATE TABLE "worker_heartbeat" (
	"pool_id" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"seen_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "auth"."account" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"account_id" text NOT NULL,
	"provider_id" text NOT NULL,
	"user_id" uuid NOT NULL,
	"access_token" text,
	"refresh_token" text,
	"id_token" text,
	"access_token_expires_at" timestamp with time zone,
	"refresh_token_expires_at" timestamp with time zone,
	"scope" text,
	"password" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "auth"."apikey" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"config_id" text DEFAULT 'default' NOT NULL,
	"name" text,
	"start" text,
	"reference_id" text NOT NULL,
	"prefix" text,
	"key" text NOT NULL,
	"refill_interval" integer,
	"refill_amount" integer,
	"last_refill_at" timestamp with time zone,
	"enabled" boolean DEFAULT true,
	"rate_limit_enabled" boolean DEFAULT true,
	"rate_limit_time_window" integer DEFAULT 86400000,
	"rate_limit_max" integer DEFAULT 10,
	"request_count" integer DEFAULT 0,
	"remaining" integer,
	"last_request" timestamp with time zone,
	"expires_at" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"permissions" text,
	"metadata" text,
	CONSTRAINT "apikey_key" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "auth"."invitation" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"organization_id" uuid NOT NULL,
	"email" text NOT NULL,
	"role" text,
	"status" text DEFAULT 'pending' NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"inviter_id" uuid NOT NULL
);
--> statement-breakpoint
CREATE TABLE "auth"."member" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"organization_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text DEFAULT 'member' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "member_once" UNIQUE("organization_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "auth"."organization" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"slug" text NOT NULL,
	"logo" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"metadata" text,
	CONSTRAINT "organization_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
CREATE TABLE "auth"."session" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"token" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	"ip_address" text,
	"user_agent" text,
	"user_id" uuid NOT NULL,
	"active_organization_id" text,
	CONSTRAINT "session_token_unique" UNIQUE("token")
);
--> statement-breakpoint
CREATE TABLE "auth"."user" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"email_verified" boolean DEFAULT false NOT NULL,
	"image" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "auth"."verification" (
	"id" uuid PRIMARY KEY DEFAULT pg_catalog.gen_random_uuid() NOT NULL,
	"identifier" text NOT NULL,
	"value" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "citation" ADD CONSTRAINT "citation_org_id_message_id_message_org_id_id_fk" FOREIGN KEY ("org_id","message_id") REFERENCES "public"."message"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "message" ADD CONSTRAINT "message_org_id_conversation_id_conversation_org_id_id_fk" FOREIGN KEY ("org_id","conversation_id") REFERENCES "public"."conversation"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run" ADD CONSTRAINT "run_org_id_message_id_message_org_id_id_fk" FOREIGN KEY ("org_id","message_id") REFERENCES "public"."message"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_part" ADD CONSTRAINT "run_part_org_id_run_id_run_org_id_id_fk" FOREIGN KEY ("org_id","run_id") REFERENCES "public"."run"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_grant" ADD CONSTRAINT "collection_grant_org_id_collection_id_collection_org_id_id_fk" FOREIGN KEY ("org_id","collection_id") REFERENCES "public"."collection"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collection_stat" ADD CONSTRAINT "collection_stat_org_id_collection_id_collection_org_id_id_fk" FOREIGN KEY ("org_id","collection_id") REFERENCES "public"."collection"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document" ADD CONSTRAINT "document_org_id_collection_id_collection_org_id_id_fk" FOREIGN KEY ("org_id","collection_id") REFERENCES "public"."collection"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document_page" ADD CONSTRAINT "document_page_org_id_version_id_document_version_org_id_id_fk" FOREIGN KEY ("org_id","version_id") REFERENCES "public"."document_version"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "document_version" ADD CONSTRAINT "document_version_org_id_document_id_document_org_id_id_fk" FOREIGN KEY ("org_id","document_id") REFERENCES "public"."document"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chunk" ADD CONSTRAINT "chunk_org_id_version_id_document_version_org_id_id_fk" FOREIGN KEY ("org_id","version_id") REFERENCES "public"."document_version"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "posting" ADD CONSTRAINT "posting_org_id_version_id_document_version_org_id_id_fk" FOREIGN KEY ("org_id","version_id") REFERENCES "public"."document_version"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."account" ADD CONSTRAINT "account_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."invitation" ADD CONSTRAINT "invitation_organization_id_organization_id_fk" FOREIGN KEY ("organization_id") REFERENCES "auth"."organization"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."invitation" ADD CONSTRAINT "invitation_inviter_id_user_id_fk" FOREIGN KEY ("inviter_id") REFERENCES "auth"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."member" ADD CONSTRAINT "member_organization_id_organization_id_fk" FOREIGN KEY ("organization_id") REFERENCES "auth"."organization"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."member" ADD CONSTRAINT "member_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth"."session" ADD CONSTRAINT "session_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "auth"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "citation_of_message" ON "citation" USING btree ("org_id","message_id","marker");--> statement-breakpoint
CREATE INDEX "conversation_newest" ON "conversation" USING btree ("org_id","owner_id","updated_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "message_of_conversation" ON "message" USING btree ("org_id","conversation_id","created_at","id");--> statement-breakpoint
CREATE INDEX "run_of_message" ON "run" USING btree ("org_id","message_id");--> statement-breakpoint
CREATE INDEX "run_unfinished" ON "run" USING btree ("state","heartbeat_at");--> statement-breakpoint
CREATE INDEX "document_newest" ON "document" USING btree ("org_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "document_newest_in_collection" ON "document" USING btree ("org_id","collection_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "document_version_of" ON "document_version" USING btree ("org_id","document_id","created_at" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "document_version_unfinished" ON "document_version" USING btree ("state","updated_at");--> statement-breakpoint
CREATE INDEX "chunk_of_collection" ON "chunk" USING btree ("org_id","collection_id");--> statement-breakpoint
CREATE INDEX "posting_of_version" ON "posting" USING btree ("org_id","version_id","ordinal");--> statement-breakpoint
CREATE INDEX "audit_event_newest" ON "audit_event" USING btree ("org_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "job_run_newest" ON "job_run" USING btree ("org_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);--> statement-breakpoint
CREATE INDEX "signal_order" ON "signal" USING btree ("id");--> statement-breakpoint
CREATE INDEX "account_of_user" ON "auth"."account" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "account_of_provider" ON "auth"."account" USING btree ("provider_id","account_id");--> statement-breakpoint
CREATE INDEX "apikey_config" ON "auth"."apikey" USING btree ("config_id");--> statement-breakpoint
CREATE INDEX "apikey_of_reference" ON "auth"."apikey" USING btree ("reference_id");--> statement-breakpoint
CREATE INDEX "invitation_of_organization" ON "auth"."invitation" USING btree ("organization_id");--> statement-breakpoint
CREATE INDEX "invitation_email" ON "auth"."invitation" USING btree ("email");--> statement-breakpoint
CREATE INDEX "invitation_of_inviter" ON "auth"."invitation" USING btree ("inviter_id");--> statement-breakpoint
CREATE INDEX "member_of_user" ON "auth"."member" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "session_of_user" ON "auth"."session" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "session_expiry" ON "auth"."session" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "verification_identifier" ON "auth"."verification" USING btree ("identifier");--> statement-breakpoint
CREATE INDEX "verification_expiry" ON "auth"."verification" USING btree ("expires_at");