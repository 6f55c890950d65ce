// Finds import circles: between files, where a type-only import does not count because it vanishes before anything is
// loaded, and between packages, where it does, because two packages that need each other's types are one.
// `node scripts/check-cycles.mjs [folder]`
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { circles } from './check/circles.mjs'
import { importsOf } from './check/imports.mjs'
import { report } from './check/report.mjs'
import { codeFiles, isTest, publicEntries, workspaceOf } from './check/source-files.mjs'

const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '..'))
const entries = publicEntries(root)

/** The file of ours that a specifier means, relative to the root. */
const resolve = (file, specifier) => {
  if (!specifier.startsWith('.')) return entries.get(specifier)
  const target = path.posix.join(path.posix.dirname(file), specifier)
  const candidates = [target, `${target}.ts`, `${target}.tsx`, `${target}/index.ts`, `${target}/index.tsx`]
  return candidates.find((candidate) => existsSync(path.join(root, candidate)) && path.extname(candidate) !== '')
}

const files = new Map()
const workspaces = new Map()
for (const file of codeFiles(root)) {
  const workspace = workspaceOf(file)
  const targets = new Set()
  for (const { specifier, typeOnly, lazy } of importsOf(readFileSync(path.join(root, file), 'utf8'))) {
    const target = resolve(file, specifier)
    if (target === undefined) continue
    // An `import()` runs when both modules are complete: no circle of loading.
    if (!typeOnly && !lazy) targets.add(target)
    if (!isTest(file) && workspaceOf(target) !== workspace) {
      workspaces.set(workspace, (workspaces.get(workspace) ?? new Set()).add(workspaceOf(target)))
    }
  }
  files.set(file, targets)
}

const show = (circle) => [...circle, circle[0]].join(' → ')
report(
  [...circles(files).map(show), ...circles(workspaces).map((circle) => `packages: ${show(circle)}`)],
  'import circles',
)
