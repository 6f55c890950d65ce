/** `furniture` is what stands around a page's content and comes back on others; `content` what says that it is the content. */
export type Region = 'furniture' | 'content'

const FURNITURE_ELEMENTS = new Set(['nav', 'footer'])
const FURNITURE_ROLES = new Set(['navigation', 'banner', 'contentinfo', 'search', 'menu', 'menubar', 'toolbar'])
const CONTENT_ROLES = new Set(['main', 'article'])
/** Whole names of classes and ids by which widespread sites and generators mark furniture; parts of names say too little. */
const FURNITURE_NAMES = new Set(
  (
    'nav navbar navigation menu topbar sidebar breadcrumb breadcrumbs pagination footer site-footer page-footer site-header ' +
    'cookie-banner cookie-consent cookie-notice advertisement ads share-buttons social-share social-links newsletter ' +
    'related-posts skip-link skip-to-content toc table-of-contents headerlink navbox catlinks noprint printfooter ' +
    'mw-editsection mw-jump-link wy-nav-side wy-side-nav-search sphinxsidebar md-sidebar md-header bd-sidebar'
  ).split(' '),
)
/** A class on one of these is about the whole page: "this page has a sidebar". */
const NEVER = new Set(['html', 'body', 'main', 'article'])

/** @param inContent whether the element stands in the page's content, where a header is that of the text. */
export function regionOf(
  name: string,
  attributes: Readonly<Record<string, string>>,
  inContent: boolean,
): Region | null {
  const role = attributes['role'] ?? ''
  if (name === 'main' || name === 'article' || CONTENT_ROLES.has(role)) return 'content'
  if (FURNITURE_ELEMENTS.has(name) || FURNITURE_ROLES.has(role)) return 'furniture'
  if ((name === 'header' || name === 'aside') && !inContent) return 'furniture'
  if (NEVER.has(name)) return null
  const names = `${attributes['class'] ?? ''} ${attributes['id'] ?? ''}`.toLowerCase()
  return names.length > 1 && names.split(/\s+/u).some((own) => FURNITURE_NAMES.has(own)) ? 'furniture' : null
}
