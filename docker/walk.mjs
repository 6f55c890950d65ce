// Walks the steps of docker/Dockerfile without an engine: in a clean folder, as root on Linux, with this machine's system
// folders in place of the base image's; then starts what the images start, on a read-only root and as their user.
//   node docker/walk.mjs                   both images, then a file goes through them: upload, job, search
//   node docker/walk.mjs --only worker     the steps of one of them
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { spawnSync } from 'node:child_process'
import { canMount, removeFolder } from './walk/layers.mjs'
import { walk } from './walk/image.mjs'
import { runImages } from './walk/run-images.mjs'

const ROOT = path.join(import.meta.dirname, '..')
const say = (line) => process.stdout.write(`${line}\n`)

const storeOf = () => {
  const { status, stdout } = spawnSync('pnpm', ['store', 'path'], { cwd: ROOT, encoding: 'utf8' })
  return status === 0 ? stdout.trim() : undefined
}

const main = async () => {
  if (!canMount()) throw new Error('This needs root on Linux, with the right to mount. Use a container engine instead.')
  const at = process.argv.indexOf('--only')
  const targets = at === -1 ? ['worker', 'web'] : [process.argv[at + 1]]
  const folder = mkdtempSync(path.join(tmpdir(), 'quarry-walk-'))
  try {
    const images = walk({ root: ROOT, folder, targets, node: process.execPath, storeFolder: storeOf(), say })
    if (at === -1) await runImages(images, { root: ROOT, folder, say })
  } finally {
    removeFolder(folder)
  }
}

try {
  await main()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}
