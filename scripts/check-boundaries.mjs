// Holds the shape of the house: who may import whom, who may read the environment, how long a file may be and what it
// may be called. `node scripts/check-boundaries.mjs [folder]`; the rules are in check/layers.mjs.
//
// It cannot see a specifier that is put together at run time, nor what a package from outside imports.
import { readFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import path from 'node:path'
import { importsOf, withoutComments } from './check/imports.mjs'
import {
  EMPTY_ENDINGS,
  EMPTY_NAMES,
  LAYERS,
  MAX_LINES,
  MAY_READ_ENVIRONMENT,
  OUTSIDE,
  layerOf,
} from './check/layers.mjs'
import { report } from './check/report.mjs'
import { codeFiles, isTest, projectFiles, publicEntries, workspaceOf } from './check/source-files.mjs'

const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '..'))
const entries = publicEntries(root)
const problems = []

const BUILT_IN = new Set(builtinModules)
const isBuiltIn = (specifier) => specifier.startsWith('node:') || BUILT_IN.has(specifier.split('/')[0])
const packageOf = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
const isBrowserSide = (layer) => layer === 'apps/web browser' || layer === 'packages/contracts'

/** @returns {string | undefined} what is wrong with one import */
const wrongImport = (file, source, { specifier, typeOnly }) => {
  const workspace = workspaceOf(file)
  if (specifier.startsWith('.')) return wrongRelative(file, source, specifier, typeOnly)
  if (specifier.startsWith('@quarry/')) return wrongPackage(file, source, specifier, typeOnly)
  if (isTest(file)) return undefined
  const layer = layerOf(file, workspace, source)
  if (isBuiltIn(specifier))
    return isBrowserSide(layer) && !typeOnly ? `${specifier} does not exist in a browser` : undefined
  const allowed = OUTSIDE[workspace]
  if (allowed !== undefined && !allowed.includes(packageOf(specifier)))
    return `${workspace} may use ${allowed.join(', ')} only, not ${specifier}`
  return undefined
}

const wrongRelative = (file, source, specifier, typeOnly) => {
  const target = path.posix.join(path.posix.dirname(file), specifier)
  const workspace = workspaceOf(file)
  if (workspaceOf(target) !== workspace && !['scripts', 'tests', 'bench', ''].includes(workspace)) {
    return `${specifier} leaves ${workspace}: import the package by its name`
  }
  const serverOnly = /^apps\/web\/(server\.ts|src\/(server\/|env\.ts))/.test(target)
  if (serverOnly && !typeOnly && !isTest(file) && layerOf(file, workspace, source) === 'apps/web browser') {
    return `${specifier} is the server's: what runs in a browser may not import it`
  }
  return undefined
}

const wrongPackage = (file, source, specifier, typeOnly) => {
  const workspace = workspaceOf(file)
  const own = `@quarry/${workspace.split('/')[1]}`
  if (!entries.has(specifier)) return `${specifier} is no public entry (see "exports" of its package.json)`
  if (packageOf(specifier) === own) return `${specifier} is the package itself: import the file`
  if (isTest(file)) return undefined
  if (specifier.endsWith('/testing')) return `${specifier} is for tests`
  const layer = layerOf(file, workspace, source)
  const allowed = LAYERS[layer] ?? []
  const name = specifier.slice('@quarry/'.length)
  const short = packageOf(specifier).slice('@quarry/'.length)
  if (allowed.includes(name) || allowed.includes(short)) return undefined
  if (allowed.includes(`type:${short}`))
    return typeOnly ? undefined : `${layer} may only \`import type\` from ${specifier}`
  return `${layer || file} may import ${allowed.join(', ') || 'no package of ours'}, not ${name}`
}

for (const file of codeFiles(root)) {
  const source = readFileSync(path.join(root, file), 'utf8')
  for (const found of importsOf(source)) {
    const wrong = wrongImport(file, source, found)
    if (wrong !== undefined) problems.push(`${file}:${found.line} ${wrong}`)
  }
  const code = withoutComments(source)
  // Two names are no environment in the web application: the bundler puts a constant in their place.
  const read = file.startsWith('apps/web/') ? code.replace(/\bprocess\.env\.(NODE_ENV|NEXT_RUNTIME)\b/g, '') : code
  const environment = /\bprocess\s*(\.|\?\.|\[\s*["'])\s*env\b|\benv\b[^;\n]*\bfrom\s+["']node:process["']/.exec(read)
  if (environment !== null && !MAY_READ_ENVIRONMENT.test(file) && !isTest(file)) {
    const line = read.slice(0, environment.index).split('\n').length
    problems.push(`${file}:${line} reads process.env: only packages/config and an app's env.ts do`)
  }
}

for (const file of projectFiles(root)) {
  const names = file.split('/')
  for (const [depth, name] of names.entries()) {
    const bare = name.replace(/\..*$/, '')
    // The folder of an application or package is named by its package; `tests/fixtures` and the like are fine.
    if (EMPTY_NAMES.has(bare) || EMPTY_ENDINGS.test(bare)) {
      problems.push(`${names.slice(0, depth + 1).join('/')} is called "${bare}": name what is inside`)
    }
  }
  if (!/\.(ts|tsx|mts|mjs|js|jsx|css)$/.test(file)) continue
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n').length - 1
  if (lines > MAX_LINES) problems.push(`${file} has ${lines} lines; ${MAX_LINES} are the most`)
}

report([...new Set(problems)], 'crossed boundaries')
