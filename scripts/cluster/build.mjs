import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { BootFailure } from '../boot/failure.mjs'

/**
 * A build of the product: a checkout that is installed and built, and how to run its parts. An upgrade is another folder,
 * because the running processes go on reading files of theirs until they have ended.
 *
 * @param {string} folder
 * @throws BootFailure where something of it is missing
 */
export const openBuild = (folder) => {
  const at = (...parts) => path.join(folder, ...parts)
  const standalone = at('apps', 'web', '.next', 'standalone', 'apps', 'web')
  const buildId = at('apps', 'web', '.next', 'BUILD_ID')
  const advice = `Run \`npm run build\` there first.`
  if (!existsSync(at('package.json')))
    throw new BootFailure(`${folder} is no checkout of Quarry. Name one with --build.`)
  for (const needed of [buildId, path.join(standalone, 'server.js'), at('node_modules')])
    if (!existsSync(needed)) throw new BootFailure(`${folder} is not built: ${needed} is missing. ${advice}`)
  const entry = at('apps', 'web', 'server.ts')
  return {
    folder,
    version: JSON.parse(readFileSync(at('package.json'), 'utf8')).version,
    id: readFileSync(buildId, 'utf8').trim(),
    web: existsSync(entry)
      ? { args: [entry], cwd: path.dirname(entry) }
      : { args: [path.join(standalone, 'server.js')], cwd: standalone },
    worker: { args: [at('apps', 'worker', 'src', 'main.ts')], cwd: folder },
    migrate: { args: [at('packages', 'db', 'src', 'migrate-main.ts')], cwd: folder },
    provision: { args: [at('apps', 'web', 'src', 'server', 'provision-main.ts')], cwd: folder },
  }
}
