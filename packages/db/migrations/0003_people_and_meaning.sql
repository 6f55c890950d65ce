CREATE TABLE "feedback" (
	"org_id" uuid NOT NULL,
	"message_id" uuid NOT NULL,
	"owner_id" uuid NOT NULL,
	"rating" text NOT NULL,
	"reason" text,
	"comment" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "feedback_org_id_message_id_pk" PRIMARY KEY("org_id","message_id")
);
--> statement-breakpoint
CREATE TABLE "chunk_embedding" (
	"org_id" uuid NOT NULL,
	"model" text NOT NULL,
	"version_id" uuid NOT NULL,
	"ordinal" integer NOT NULL,
	"window_ordinal" integer NOT NULL,
	"collection_id" uuid NOT NULL,
	"text_hash" text NOT NULL,
	"embedding" halfvec NOT NULL,
	CONSTRAINT "chunk_embedding_pk" PRIMARY KEY("org_id","model","version_id","ordinal","window_ordinal")
) PARTITION BY HASH ("org_id");
--> statement-breakpoint
-- 8 partitions, as for chunk and posting.
DO $$ BEGIN FOR i IN 0..7 LOOP EXECUTE format('CREATE TABLE chunk_embedding_p%s PARTITION OF chunk_embedding FOR VALUES WITH (MODULUS 8, REMAINDER %s)', i, i); END LOOP; END $$;
--> statement-breakpoint
ALTER TABLE "citation" ADD COLUMN "heading" text;--> statement-breakpoint
ALTER TABLE "conversation" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "document_page" ADD COLUMN "label" text;--> statement-breakpoint
ALTER TABLE "document_page" ADD COLUMN "ocr" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "document_page" ADD COLUMN "blocks" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "document_version" ADD COLUMN "warnings" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "document_version" ADD COLUMN "semantic_model" text;--> statement-breakpoint
ALTER TABLE "document_version" ADD COLUMN "semantic" integer;--> statement-breakpoint
ALTER TABLE "auth"."invitation" ADD COLUMN "token_hash" text;--> statement-breakpoint
ALTER TABLE "feedback" ADD CONSTRAINT "feedback_org_id_message_id_message_org_id_id_fk" FOREIGN KEY ("org_id","message_id") REFERENCES "public"."message"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "chunk_embedding" ADD CONSTRAINT "chunk_embedding_org_id_version_id_document_version_org_id_id_fk" FOREIGN KEY ("org_id","version_id") REFERENCES "public"."document_version"("org_id","id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "conversation_deleted" ON "conversation" USING btree ("deleted_at") WHERE deleted_at is not null;--> statement-breakpoint
CREATE INDEX "chunk_embedding_text" ON "chunk_embedding" USING btree ("org_id","model","text_hash");--> statement-breakpoint
CREATE INDEX "chunk_embedding_of_version" ON "chunk_embedding" USING btree ("org_id","version_id","ordinal");--> statement-breakpoint
ALTER TABLE "auth"."invitation" ADD CONSTRAINT "invitation_token_hash_unique" UNIQUE("token_hash");
--> statement-breakpoint
CREATE INDEX "audit_event_of_action" ON "audit_event" USING btree ("org_id","action","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);
--> statement-breakpoint
CREATE INDEX "audit_event_of_actor" ON "audit_event" USING btree ("org_id","actor_id","created_at" DESC NULLS FIRST,"id" DESC NULLS FIRST);
--> statement-breakpoint
-- Row-level security, by the rules of 0002: the rule of a new table is the one of an old table beside it.
DO $$
DECLARE
  org constant text := $e$org_id = (select nullif(current_setting('app.org_id', true), '')::uuid)$e$;
  actor_id constant text := $e$(select nullif(current_setting('app.actor_id', true), '')::uuid)$e$;
  actor_kind constant text := $e$(select current_setting('app.actor_kind', true))$e$;
  visible constant text := $e$collection_id = any ((select string_to_array(current_setting('app.collection_ids', true), ',')::uuid[])::uuid[])$e$;
  rule text;
  t text;
BEGIN
  rule := format('%s and %s', org, visible);
  EXECUTE format('CREATE POLICY visible ON chunk_embedding FOR ALL TO app_user USING (%s) WITH CHECK (%s)', rule, rule);

  rule := format($e$%s and (owner_id = %s or %s = 'system')$e$, org, actor_id, actor_kind);
  EXECUTE format('CREATE POLICY own ON feedback FOR ALL TO app_user USING (%s) WITH CHECK (%s)', rule, rule);

  -- A move to another database takes the keys of the last day along, acting for the organisation.
  rule := format($e$%s and (actor_id = %s or %s = 'system')$e$, org, actor_id, actor_kind);
  EXECUTE format('ALTER POLICY own ON idempotency_key USING (%s) WITH CHECK (%s)', rule, rule);

  -- What was deleted and not taken back.
  CREATE POLICY sweep ON conversation FOR ALL TO app_system USING (true) WITH CHECK (true);

  FOR t IN
    SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
      AND (relname LIKE 'chunk\_embedding%' OR relname = 'feedback')
  LOOP
    EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t);
    EXECUTE format('ALTER TABLE %I FORCE ROW LEVEL SECURITY', t);
    EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', t);
  END LOOP;
END $$;
--> statement-breakpoint
GRANT SELECT, INSERT, UPDATE, DELETE ON chunk_embedding, feedback TO app_user;
--> statement-breakpoint
GRANT SELECT (org_id, id, deleted_at), DELETE ON conversation TO app_system;
--> statement-breakpoint
-- Which versions wait for vectors of the configured model.
GRANT SELECT (semantic_model, semantic, language) ON document_version TO app_system;
--> statement-breakpoint
-- The owner makes one index per embedding model, and learns from app_system which there are.
DO $$ BEGIN
  IF NOT pg_has_role(current_user, 'app_system', 'MEMBER') THEN
    EXECUTE format('GRANT app_system TO %I', current_user);
  END IF;
EXCEPTION WHEN internal_error THEN NULL; -- "tuple concurrently updated": another database's owner is granted it
END $$;
