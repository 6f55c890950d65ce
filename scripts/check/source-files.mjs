import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'

const SKIPPED = new Set([
  'node_modules',
  '.next',
  '.turbo',
  '.git',
  '.quarry',
  '.cache',
  'test-results',
  'playwright-report',
])
const PLACES = ['apps', 'packages', 'tests', 'scripts', 'bench']
const CODE = /\.(ts|tsx|mts|mjs|js|jsx)$/

const walk = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name)
    if (SKIPPED.has(entry.name)) return []
    if (entry.isDirectory()) return walk(file)
    return entry.isFile() ? [file] : []
  })

/** Every file under the project's own folders, relative to `root`, with `/` between names. */
export const projectFiles = (root) => {
  const places = PLACES.map((place) => path.join(root, place)).filter((place) => existsSync(place))
  const top = readdirSync(root, { withFileTypes: true }).filter((entry) => entry.isFile())
  return [...places.flatMap((place) => walk(place)), ...top.map((entry) => path.join(root, entry.name))].map((file) =>
    path.relative(root, file).replaceAll(path.sep, '/'),
  )
}

/** The code among them. */
export const codeFiles = (root) => projectFiles(root).filter((file) => CODE.test(file))

export const isTest = (file) => /\.test\.tsx?$/.test(file) || file.startsWith('tests/') || file.includes('/testing/')

/**
 * The workspace that a file belongs to: `packages/db/src/x.ts` → `packages/db`; `scripts/x.mjs` → `scripts`; a file of the
 * root → ``.
 */
export const workspaceOf = (file) => {
  const [first = '', second = ''] = file.split('/')
  if (first === 'apps' || first === 'packages') return `${first}/${second}`
  return file.includes('/') ? first : ''
}

/** The public entries of the packages: `@quarry/db/testing` → `packages/db/src/testing/index.ts`. */
export const publicEntries = (root) => {
  const entries = new Map()
  for (const group of ['packages', 'apps']) {
    if (!existsSync(path.join(root, group))) continue
    for (const name of readdirSync(path.join(root, group))) {
      const manifest = path.join(root, group, name, 'package.json')
      if (!existsSync(manifest)) continue
      const { name: packageName, exports = {} } = JSON.parse(readFileSync(manifest, 'utf8'))
      for (const [subpath, target] of Object.entries(exports)) {
        const file = typeof target === 'string' ? target : target.default
        if (typeof file === 'string')
          entries.set(path.posix.join(packageName, subpath), path.posix.join(group, name, file))
      }
    }
  }
  return entries
}
