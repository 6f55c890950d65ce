import { hostname } from 'node:os'

/** PostgreSQL cuts what is longer (NAMEDATALEN - 1), and would cut the process off. */
const LONGEST = 63

/**
 * What pg_stat_activity calls a process's connections: its part and which replica of it, such as `quarry-web host-1:42`.
 * A long host name loses its end.
 */
export const applicationName = (part: 'quarry-web' | 'quarry-worker' | 'quarry-queue', host = hostname()): string => {
  const replica = `:${process.pid}`
  // A host name is ASCII (RFC 1123); anything else would count more than one byte a letter.
  const plain = host.replace(/[^\x21-\x7e]/g, '-')
  return `${part} ${plain.slice(0, LONGEST - part.length - 1 - replica.length)}${replica}`
}
