/** What a copy of an installation does with a table. */
export type Treatment =
  /** `as` says whose rows these are, where `login` alone may not read them: the operator's are the system's. */
  | { readonly kind: 'copied'; readonly as?: 'system' }
  /** Left behind, with the reason. */
  | { readonly kind: 'transient'; readonly because: string }

const copied: Treatment = { kind: 'copied' }
const copiedAsSystem: Treatment = { kind: 'copied', as: 'system' }
const transient = (because: string): Treatment => ({ kind: 'transient', because })

/**
 * Every table of the schemas `public` and `auth`; a test compares it with the catalogue. What is in no table: the queue
 * (schema graphile_worker), whose work is put into the new one again from the states of the rows that it is about.
 */
export const TREATMENT: Readonly<Record<string, Treatment>> = {
  'auth.user': copied,
  'auth.account': copied,
  'auth.session': copied,
  'auth.verification': copied,
  'auth.organization': copied,
  'auth.member': copied,
  'auth.invitation': copied,
  'auth.apikey': copied,
  'public.collection': copied,
  'public.collection_grant': copied,
  'public.collection_stat': copied,
  'public.document': copied,
  'public.document_version': copied,
  'public.document_page': copied,
  'public.chunk': copied,
  'public.posting': copied,
  'public.chunk_embedding': copied,
  'public.conversation': copied,
  'public.message': copied,
  'public.citation': copied,
  'public.feedback': copied,
  'public.run': copied,
  'public.run_part': copied,
  'public.job_run': copied,
  'public.job_attempt': copied,
  'public.usage_event': copied,
  'public.usage_day': copiedAsSystem,
  'public.installation_owner': copiedAsSystem,
  'public.operator_event': copiedAsSystem,
  'public.job_pause': transient('of a queue that stays behind'),
  'public.cron_run': transient('of processes that do not come along'),
  'public.audit_event': copied,
  'public.idempotency_key': copied,
  'public.feature_flag': copiedAsSystem,
  'public.organisation_limit': copiedAsSystem,
  'public.organisation_deletion': copiedAsSystem,
  'public.cache_version': transient('counts what happens to the rows of one database; the copied rows count anew'),
  'public.cache_outbox': transient('for the shared cache of the installation that is left'),
  'public.signal': transient('wakes those who are connected now; whoever connects later reads the rows'),
  'public.process_lease': transient('of processes that do not come along'),
  'public.process_report': transient('of processes that do not come along'),
  'public.worker_heartbeat': transient('of processes that do not come along'),
}

/** How a table is treated. Throws for one that nobody has thought about: it would be forgotten silently. */
export const treatmentOf = (table: string): Treatment => {
  const treatment = TREATMENT[table]
  if (treatment === undefined)
    throw new Error(`The table ${table} is not known to this version, so that a copy would forget it.`)
  return treatment
}
