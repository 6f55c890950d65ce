import path from 'node:path'
import { BootFailure } from '../boot/failure.mjs'
import { installed, PROGRAMS } from '../services/installed-program.mjs'
import { askPort } from './probes.mjs'
import { writePrivately } from './state-folder.mjs'

/**
 * A Redis of the cluster's own, as docs/operations.md wants it: nothing in it matters, so nothing is written to the disk.
 *
 * @param {{ folder: string, port: number, password: string }} options
 * @throws BootFailure that says what to install
 */
export const ownRedis = async ({ folder, port, password }) => {
  const file = await installed(PROGRAMS.redis)
  if (file === undefined)
    throw new BootFailure(
      `The cluster needs ${PROGRAMS.redis.title}. Install it (Debian: apt-get install redis-server), or set REDIS_URL to a server of yours.`,
    )
  const configuration = path.join(folder, 'redis.conf')
  return {
    urls: { REDIS_URL: `redis://:${password}@127.0.0.1:${port}` },
    /** A file, because everybody on the machine can read the arguments of a process. */
    initialise: () =>
      writePrivately(
        configuration,
        [
          'bind 127.0.0.1',
          `port ${port}`,
          `requirepass ${password}`,
          `dir ${folder}`,
          'maxmemory 256mb',
          'maxmemory-policy volatile-lru',
          'save ""',
          'appendonly no',
          'daemonize no',
          '',
        ].join('\n'),
      ),
    member: {
      name: 'redis',
      file,
      args: [configuration],
      cwd: folder,
      env: process.env,
      probe: askPort({ port, say: `AUTH ${password}\r\nPING\r\n`, expect: /\+PONG/ }),
    },
  }
}
