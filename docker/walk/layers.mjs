import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'

/** System folders of this machine stand for those of the base image, read-only. */
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib64']
const COPIED = ['/etc/ssl', '/etc/resolv.conf', '/etc/hosts', '/etc/nsswitch.conf', '/etc/ca-certificates.conf']
const NPM = ['/usr/lib/node_modules/npm', '/usr/share/nodejs/npm', '/usr/local/lib/node_modules/npm']
export const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** Whether this machine lets us mount: root on Linux, with the right to. */
export const canMount = () =>
  process.platform === 'linux' && process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0

/** The base image's own files: Node, npm, and the account `node`. */
export const makeBase = (folder, node) => {
  for (const name of ['usr/local/bin', 'usr/local/lib/node_modules', 'etc', 'proc', 'dev', 'tmp', 'root', 'home/node'])
    mkdirSync(path.join(folder, name), { recursive: true })
  for (const name of SYSTEM) mkdirSync(path.join(folder, name), { recursive: true })
  cpSync(realpathSync(node), path.join(folder, 'usr/local/bin/node'))
  const npm = NPM.find((place) => existsSync(place))
  if (npm === undefined) throw new Error('npm is not where a Debian or a Node package puts it')
  cpSync(npm, path.join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true, dereference: true })
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', path.join(folder, 'usr/local/bin/npm'))
  for (const name of COPIED)
    if (existsSync(name)) cpSync(name, path.join(folder, name), { recursive: true, dereference: true })
  writeFileSync(
    path.join(folder, 'etc/passwd'),
    'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/home/node:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n',
  )
  writeFileSync(path.join(folder, 'etc/group'), 'root:x:0:\nnode:x:1000:\nnogroup:x:65534:\n')
}

const quote = (text) => `'${text.replaceAll("'", String.raw`'\''`)}'`

/**
 * Shell lines that put together a root out of layers, at `root`; they run in a mount namespace of their own, and leave
 * nothing mounted behind.
 *
 * @param {string[]} layers the lowest first; written is the last one
 */
const assemble = (root, layers, work, { readOnly = false, mounts = [] } = {}) => {
  const under = (some) => `lowerdir=${some.toReversed().map(quote).join(':')}`
  const written = `,upperdir=${quote(layers.at(-1))},workdir=${quote(work)}`
  return [
    'set -e',
    'mount --make-rprivate /',
    `mkdir -p ${quote(root)} ${quote(work)} ${quote(`${root}.local`)}`,
    // Without a layer to write to there is nothing that could be written.
    `mount -t overlay overlay -o ${readOnly ? under(layers) : under(layers.slice(0, -1)) + written} ${quote(root)}`,
    ...(readOnly ? [] : mounts.map(({ to }) => `mkdir -p ${quote(root + to)}`)),
    `mount --bind ${quote(`${root}/usr/local`)} ${quote(`${root}.local`)}`,
    ...SYSTEM.filter((name) => existsSync(name)).map(
      (name) => `mount --rbind ${quote(realpathSync(name))} ${quote(root + name)}`,
    ),
    `mount --bind ${quote(`${root}.local`)} ${quote(`${root}/usr/local`)}`,
    `mount --rbind /proc ${quote(`${root}/proc`)}`,
    `mount --rbind /dev ${quote(`${root}/dev`)}`,
    `mount -t tmpfs -o mode=1777 tmpfs ${quote(`${root}/tmp`)}`,
    ...mounts.map(({ from, to }) =>
      from === undefined
        ? `mount -t tmpfs -o uid=1000,gid=1000,mode=0700 tmpfs ${quote(root + to)}`
        : `mount --bind ${quote(from)} ${quote(root + to)}`,
    ),
  ]
}

const enter = (root, { user, cwd, argv }) => {
  const [uid = '0', gid = uid] = (user ?? '0').split(':')
  const rights = uid === '0' ? [] : ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all']
  const become = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...rights]
  const inside = `cd ${quote(cwd)} && exec ${[...become, ...argv].map(quote).join(' ')}`
  return `exec chroot ${quote(root)} /bin/sh -c ${quote(inside)}`
}

const environment = (values) => ({ ...values, PATH })

/** Runs a command of a step in the root, to its end. @throws an Error with what it said */
export const runIn = (root, layers, work, { argv, env, cwd, user, mounts }) => {
  const script = [...assemble(root, layers, work, { mounts }), enter(root, { user, cwd, argv })].join('\n')
  const { status, stdout, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', script], {
    env: environment(env),
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
  if (status !== 0)
    throw new Error(`ended with ${status}:\n${`${stdout}${stderr}`.trim().split('\n').slice(-40).join('\n')}`)
  return stdout
}

/** Copies from one root (or a plain folder) into another, as COPY does. */
export const copyInto = (root, layers, work, { from, sources, to, chown }) => {
  const lines = assemble(root, layers, work)
  const source = from.layers === undefined ? from.folder : `${root}.from`
  if (from.layers !== undefined)
    lines.push(
      `mkdir -p ${quote(source)}`,
      `mount -t overlay overlay -o lowerdir=${from.layers.toReversed().map(quote).join(':')} ${quote(source)}`,
    )
  const intoFolder = to.endsWith('/') || sources.length > 1
  for (const name of sources) {
    const file = quote(path.posix.join(source, name))
    const target = quote(path.posix.join(root, to))
    lines.push(
      `mkdir -p ${intoFolder ? target : quote(path.posix.dirname(path.posix.join(root, to)))}`,
      `if [ -d ${file} ]; then mkdir -p ${target}; cp -a ${file}/. ${target}; else cp -a ${file} ${target}; fi`,
    )
  }
  if (chown !== undefined) lines.push(`chroot ${quote(root)} chown -R ${quote(chown)} ${quote(to)}`)
  const { status, stderr } = spawnSync('unshare', ['-m', 'sh', '-c', lines.join('\n')], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`cannot copy ${sources.join(', ')}: ${stderr.trim()}`)
}

/** Starts what an image starts, on a read-only root; the process is the image's own, so that signals reach it. */
export const startIn = (root, layers, work, { argv, env, cwd, user, mounts }) => {
  const script = [...assemble(root, layers, work, { readOnly: true, mounts }), enter(root, { user, cwd, argv })].join(
    '\n',
  )
  return spawn('unshare', ['-m', 'sh', '-c', script], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

export const removeFolder = (folder) => rmSync(folder, { recursive: true, force: true })
