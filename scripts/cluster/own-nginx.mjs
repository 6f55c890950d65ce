import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { BootFailure } from '../boot/failure.mjs'
import { isRoot } from '../services/cache-folder.mjs'
import { command } from '../services/command.mjs'
import { installed, PROGRAMS } from '../services/installed-program.mjs'
import { nginxConfig } from './nginx-config.mjs'
import { askPort } from './probes.mjs'

/** Largest file by default; the table of packages/config says the same. */
const UPLOAD_MAX_BYTES = 100 * 1024 * 1024
/** In nginx's own folder: its processes, which are not root's, open it again when it has been put aside. */
export const ACCESS_LOG = 'access.log'
const USERS = ['www-data', 'nginx', 'nobody']

/**
 * The balancer: its configuration, checked before it is used, and how it is run.
 *
 * @param {{ folder: string, host: string, port: number, tls?: { cert: string, key: string } }} options
 * @throws BootFailure that says what to install
 */
export const ownNginx = async ({ folder, host, port, tls }) => {
  const file = await installed(PROGRAMS.nginx)
  if (file === undefined)
    throw new BootFailure(
      `The cluster needs ${PROGRAMS.nginx.title}. Install it (Debian: apt-get install nginx-light, then stop the service that it starts: service nginx stop), or put yours into PATH.`,
    )
  const configuration = path.join(folder, 'nginx.conf')
  const user = isRoot ? await userOfWorkers() : undefined
  return {
    /** Writes the configuration for these ports, and has nginx check it. @param {number[]} ports */
    configure: async (ports) => {
      const text = nginxConfig({
        servers: ports.map((one) => `127.0.0.1:${one}`),
        listen: `${host.includes(':') ? `[${host}]` : host}:${port}`,
        run: folder,
        accessLog: path.join(folder, ACCESS_LOG),
        errorLog: 'stderr',
        uploadMaxBytes: Number(process.env.UPLOAD_MAX_BYTES || UPLOAD_MAX_BYTES),
        user,
        tls,
      })
      writeFileSync(configuration, text, { mode: 0o600 })
      const { code, stderr } = await command(file, ['-t', '-q', '-e', 'stderr', '-p', folder, '-c', configuration])
      if (code !== 0) throw new BootFailure(`nginx refuses its configuration: ${stderr.trim().split('\n').at(-1)}`)
    },
    member: {
      name: 'nginx',
      file,
      args: ['-e', 'stderr', '-p', folder, '-c', configuration],
      cwd: folder,
      env: process.env,
      probe: askPort({ host: host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host, port }),
    },
  }
}

const userOfWorkers = async () => {
  for (const user of USERS) {
    const { code, stdout } = await command('id', ['-gn', user])
    if (code === 0) return { user, group: stdout.trim() }
  }
  throw new BootFailure(`nginx needs a user for its processes, and there is none of ${USERS.join(', ')}.`)
}
