import { mkdirSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

export const isRoot = process.getuid?.() === 0

/**
 * Where things that took long to make are kept between runs. Root has a place of its own: PostgreSQL refuses to run as
 * root, and the user that it runs as cannot look into root's home.
 *
 * @param {string[]} names
 */
export const cacheFolder = (...names) => {
  const base = isRoot
    ? '/var/cache/quarry'
    : path.join(process.env.XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'quarry')
  const folder = path.join(base, ...names)
  mkdirSync(folder, { recursive: true, mode: 0o755 })
  return folder
}
