/** A subscription's signal; one that never aborts where the caller gave none. */
export const abortable = (signal: AbortSignal | undefined): AbortSignal => signal ?? new AbortController().signal
