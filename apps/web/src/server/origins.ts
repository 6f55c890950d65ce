import type { Adapters } from '@quarry/config'

/**
 * Origins whose pages may act with a person's cookie: the public one, and this machine's names for the same port. Not
 * those where the public one is https: the cookie is not sent to them, and what listens there may be anybody's.
 */
export const trustedOrigins = ({ publicUrl, listen }: Pick<Adapters, 'publicUrl' | 'listen'>): string[] => [
  new URL(publicUrl).origin,
  ...(publicUrl.startsWith('https:') ? [] : ['127.0.0.1', 'localhost', '[::1]']).map(
    (host) => `http://${host}:${listen.port}`,
  ),
]
