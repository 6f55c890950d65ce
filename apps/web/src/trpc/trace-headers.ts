/** Rendered by the layout where the server traces. */
export const TRACES_META = 'quarry-traces'

const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * `traceparent` (W3C Trace Context, level 1) for one request, so that its trace begins with what the person did; nothing
 * where the server does not trace. Made of chance alone: no two requests can be told to be of the same person by it.
 */
export const traceHeaders = (): Record<string, string> =>
  document.querySelector(`meta[name="${TRACES_META}"]`) === null ? {} : { traceparent: `00-${hex(16)}-${hex(8)}-01` }
