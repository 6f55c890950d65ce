import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import path from 'node:path'

/** Rules of a .dockerignore, in their order: the last that fits decides. */
const rulesOf = (text) =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => ({ keeps: line.startsWith('!'), pattern: line.replace(/^!/, '').replace(/\/$/, '') }))

/** Whether a rule names the file or a folder above it. */
const fits = (pattern, file) => {
  const parts = file.split('/')
  return parts.some((_, index) => path.matchesGlob(parts.slice(0, index + 1).join('/'), pattern))
}

/** @param {string} text of a .dockerignore @returns {(file: string) => boolean} whether an engine would get the file */
export const keptBy = (text) => {
  const rules = rulesOf(text)
  return (file) => rules.findLast(({ pattern }) => fits(pattern, file))?.keeps ?? true
}

/** The build context: what git knows and .dockerignore leaves, so that nothing of this working tree helps by accident. */
export const copyContext = (root, to) => {
  const kept = keptBy(readFileSync(path.join(root, '.dockerignore'), 'utf8'))
  const files = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  })
    .toString()
    .split('\0')
    .filter((file) => file !== '' && kept(file) && existsSync(path.join(root, file)))
  for (const file of files) {
    mkdirSync(path.join(to, path.dirname(file)), { recursive: true })
    cpSync(path.join(root, file), path.join(to, file))
  }
  return files
}
