import { isRoot } from './cache-folder.mjs'
import { command } from './command.mjs'

/**
 * Whom PostgreSQL runs as: it refuses to run as root, and its own system user exists wherever its package is installed.
 * Empty where this is not root.
 *
 * @returns {Promise<{ uid?: number, gid?: number }>} for spawn
 * @throws an Error that says what is missing
 */
export const unprivileged = async () => {
  if (!isRoot) return {}
  for (const user of ['postgres', 'nobody']) {
    const { code, stdout } = await command('sh', ['-c', `id -u ${user} && id -g ${user}`])
    const [uid, gid] = stdout.trim().split('\n').map(Number)
    if (code === 0 && uid !== undefined && gid !== undefined) return { uid, gid }
  }
  throw new Error('PostgreSQL does not run as root, and there is no user postgres or nobody to run it as')
}
