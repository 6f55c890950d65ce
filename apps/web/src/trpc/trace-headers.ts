const hex = (bytes: number): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * `traceparent` (W3C Trace Context, level 1) for one request, so that its trace begins with what the person did; nothing
 * where the server does not trace, which the page says. Made of chance alone: it tells nothing of whoever asks.
 */
export const traceHeaders = (): Record<string, string> =>
  document.documentElement.dataset['traces'] === undefined ? {} : { traceparent: `00-${hex(16)}-${hex(8)}-01` }
