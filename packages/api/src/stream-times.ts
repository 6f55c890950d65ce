/** How long a stream of events is silent, and how long it lasts. */
export const STREAM_TIMES = {
  /** Proxies close what is silent for a minute; a quarter of that also shows a dead reader in time. */
  pingMs: 15_000,
  /** The reader comes back with the last id, and its session or key is looked at again: what was revoked ends here. */
  maxDurationMs: 55_000,
  /** Told to the client. */
  client: { reconnectAfterInactivityMs: 40_000 },
} as const
