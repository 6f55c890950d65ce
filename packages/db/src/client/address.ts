/** The embedded database listens on `<socketDir>/.s.PGSQL.<port>`, which is where libpq and postgres.js look for it. */
export const EMBEDDED_PORT = 5432
/** PGlite has one user and one database, of the same name. Tenant transactions leave this user at once. */
export const EMBEDDED_USER = 'postgres'
