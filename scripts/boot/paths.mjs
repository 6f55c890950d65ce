import { homedir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', '..')
export const WEB = path.join(ROOT, 'apps', 'web')

/** What is fetched once for all checkouts of a person. */
export const userCache = () => path.join(process.env.XDG_CACHE_HOME || path.join(homedir(), '.cache'), 'quarry')
