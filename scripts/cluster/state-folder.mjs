import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { tryLockDataFolder } from '../boot/data-lock.mjs'
import { BootFailure } from '../boot/failure.mjs'
import { isRoot } from '../services/cache-folder.mjs'

/** Room for the path of a Unix socket: 108 bytes on Linux, 104 on macOS, with the zero at its end. */
const SOCKET_PATH_BYTES = 103

/**
 * Where things are in the state folder of a cluster.
 *
 * @param {string} folder absolute
 */
export const placesIn = (folder) => ({
  folder,
  /** QUARRY_DATA of every process: files, the secret, the credentials of the first workspace. */
  data: path.join(folder, 'data'),
  logs: path.join(folder, 'logs'),
  postgres: path.join(folder, 'postgres'),
  redis: path.join(folder, 'redis'),
  nginx: path.join(folder, 'nginx'),
  socket: path.join(folder, 'control'),
  /** Ports and passwords that stay what they are from start to start. */
  settings: path.join(folder, 'settings.json'),
  /** Who runs, for the next start: whatever is left of an earlier one must end first. */
  processes: path.join(folder, 'processes.json'),
  /** What Prometheus reads (file_sd_configs): where the metrics of each process are. */
  targets: path.join(folder, 'targets.json'),
})

/**
 * Makes the folder, for its owner only, and takes it for this process. Where this is root, PostgreSQL and nginx's
 * processes run as somebody else, who must get through the folder to what is theirs, and cannot list it.
 *
 * @param {string} folder
 * @param {string} address told to the one who comes second
 * @returns {{ places: ReturnType<typeof placesIn>, release: () => void }}
 * @throws BootFailure where it cannot be written, or somebody has it
 */
export const openStateFolder = (folder, address) => {
  const places = placesIn(folder)
  if (Buffer.byteLength(places.socket) > SOCKET_PATH_BYTES)
    throw new BootFailure(`The path ${folder} is too long for a Unix socket in it. Name a shorter one with --data.`)
  try {
    mkdirSync(folder, { recursive: true })
    chmodSync(folder, isRoot ? 0o711 : 0o700)
    for (const own of [places.data, places.logs, places.redis]) mkdirSync(own, { recursive: true, mode: 0o700 })
    mkdirSync(places.nginx, { recursive: true, mode: isRoot ? 0o711 : 0o700 })
  } catch (error) {
    throw new BootFailure(`The folder ${folder} cannot be written (${error.code}). Name another one with --data.`)
  }
  const { release, holder } = tryLockDataFolder(folder, address, 'cluster/main.mjs')
  if (release === undefined)
    throw new BootFailure(
      `A cluster runs on ${folder} already (process ${holder.pid}, ${holder.address}). See \`npm run -s cluster -- status\`, or name another folder with --data.`,
    )
  return { places, release }
}

/** Whole or not at all, for its owner only. */
export const writePrivately = (file, text) => {
  const draft = `${file}.draft-${process.pid}`
  writeFileSync(draft, text, { mode: 0o600 })
  renameSync(draft, file)
}

export const readJson = (file) => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined)

export const removeQuietly = (file) => rmSync(file, { force: true })

/** A secret of a file, made when it is first asked for. */
export const keptSecret = (file, bytes = 32) => {
  if (!existsSync(file)) writePrivately(file, randomBytes(bytes).toString('base64url'))
  return readFileSync(file, 'utf8').trim()
}
