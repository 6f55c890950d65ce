const PROTOCOLS = new Set(['http:', 'https:', 'mailto:'])

/** A link in an answer as it may be followed, and what its title says about where it leads; null: not a link. */
export const safeLink = (href: string | undefined): { href: string; destination: string } | null => {
  if (href === undefined || !URL.canParse(href)) return null // relative addresses mean nothing in an answer
  const url = new URL(href)
  if (!PROTOCOLS.has(url.protocol)) return null
  return { href: url.href, destination: url.protocol === 'mailto:' ? url.pathname : url.host }
}
