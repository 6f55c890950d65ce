// Checks that what the documents name is there: relative links and their headings, paths of the project in `code`, and
// `npm run` scripts. `node scripts/check-documents.mjs [folder]`
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { report } from './check/report.mjs'

const root = path.resolve(process.argv[2] ?? path.join(import.meta.dirname, '..'))
const { scripts = {} } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'))
const problems = []

const markdownUnder = (folder) =>
  existsSync(path.join(root, folder))
    ? readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith('.md'))
        .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)))
    : []

const documents = [
  ...['README.md', 'CONTRIBUTING.md', 'SECURITY.md'].filter((name) => existsSync(path.join(root, name))),
  ...markdownUnder('docs'),
]

/** GitHub's way from a heading to its anchor. */
const anchorOf = (heading) =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[`*_]|\[|\]\([^)]*\)/g, '')
    .replaceAll(/[^\p{L}\p{N}\s-]/gu, '')
    .replaceAll(' ', '-')

const anchorsIn = (file) =>
  new Set([...readFileSync(file, 'utf8').matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading]) => anchorOf(heading)))

const checkLink = (document, target) => {
  const [file, anchor] = target.split('#')
  const absolute = file === '' ? path.join(root, document) : path.resolve(root, path.dirname(document), decodeURI(file))
  if (!existsSync(absolute)) return `links to ${file}, which is not there`
  if (anchor && absolute.endsWith('.md') && !anchorsIn(absolute).has(anchor))
    return `links to #${anchor}, which is no heading of ${path.relative(root, absolute)}`
  return undefined
}

/** A path of the project inside `code`. One with a wildcard or a placeholder names no single file. */
const PROJECT_PATH = /^(?:\.\/)?((?:apps|packages|scripts|tests|docs|bench|docker|\.ci)\/[\w./()[\]@-]+)$/

const checkLine = (document, line, inFence) => {
  const found = []
  for (const [, script] of line.matchAll(/\bnpm run (?:-s |--silent )?([\w:-]+)/g)) {
    if (!Object.hasOwn(scripts, script)) found.push(`names \`npm run ${script}\`, which package.json does not have`)
  }
  if (inFence) return found
  const withoutCode = line.replaceAll(/`[^`]*`/g, '')
  for (const [, target] of withoutCode.matchAll(/\]\(<?([^)\s>]+)>?(?:\s+"[^"]*")?\)/g)) {
    if (!/^[a-z][a-z0-9+.-]*:/i.test(target)) found.push(checkLink(document, target))
  }
  for (const [, code] of line.matchAll(/`([^`]+)`/g)) {
    const [, file] = PROJECT_PATH.exec(code) ?? []
    if (file !== undefined && !existsSync(path.join(root, file))) found.push(`names ${file}, which is not there`)
  }
  return found.filter((problem) => problem !== undefined)
}

for (const document of documents) {
  let inFence = false
  for (const [index, line] of readFileSync(path.join(root, document), 'utf8').split('\n').entries()) {
    if (/^\s*(```|~~~)/.test(line)) inFence = !inFence
    else problems.push(...checkLine(document, line, inFence).map((problem) => `${document}:${index + 1} ${problem}`))
  }
}
report(problems, 'dead references in documents')
