const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}'

/** Every key of a tenant begins with its organisation. */
const OF_TENANT = new RegExp(`^o:${UUID}:`)

/** The rest, each with why it is of no tenant. */
const OF_NOBODY = [
  // What is found by a secret, which is how the organisation is found.
  /^who:[0-9a-f]{64}$/,
  // Counts: of an organisation, a person or a key.
  new RegExp(`^version:(sequence|${UUID}:[a-z]+)$`),
  // Who is limited before it is known who it is.
  /^limit:address:/,
  // A person wherever they are a member.
  new RegExp(`^limit:person:${UUID}$`),
  /^signin:/,
  // What a process tells itself.
  new RegExp(`^run-wake:${UUID}$`),
]

/** Whether a key in Redis is one that Quarry may have written. Tests hold it against every key there is. */
export const isKnownRedisKey = (key: string): boolean =>
  OF_TENANT.test(key) || OF_NOBODY.some((pattern) => pattern.test(key))
