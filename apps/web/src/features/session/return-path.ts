/** Where to go after signing in: a path of this site, or the start page. `//host` and `/\host` would leave the site. */
export const returnPath = (next: string | null): string =>
  next !== null && /^\/(?![/\\])/.test(next) && !/\p{Cc}/u.test(next) ? next : '/'
