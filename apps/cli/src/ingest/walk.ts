import { realpath, readdir, stat } from 'node:fs/promises'
import type { Dirent } from 'node:fs'
import { basename, join, resolve, sep } from 'node:path'
import { sourcePath } from '@quarry/contracts'
import { CommandFailure } from '../failure.ts'

/** A file on disk that is to be sent, and the name that it gets in the collection. */
export interface FoundFile {
  /** Relative to the given folder, with forward slashes; the base name of a file that was given itself. NFC. */
  readonly path: string
  readonly absolutePath: string
  readonly sizeBytes: number
}

/** A file that is left out, and why, in words for the person. */
export interface LeftOut {
  readonly path: string
  readonly reason: string
}

export interface Walk {
  readonly files: readonly FoundFile[]
  readonly leftOut: readonly LeftOut[]
}

/**
 * Finds the files below `given` (files or folders, relative to `callerDir`), in the order of their names. Hidden files and
 * folders are skipped, unless they are given themselves. A symbolic link is followed only to a file inside the same given
 * folder. Throws CommandFailure for something that is not there, and when two files would get the same name.
 */
export const walk = async (given: readonly string[], callerDir: string): Promise<Walk> => {
  const files: FoundFile[] = []
  const leftOut: LeftOut[] = []
  for (const argument of given) {
    const absolute = resolve(callerDir, argument)
    const found = await statOrNull(absolute)
    if (found === null) throw new CommandFailure(`There is no file or folder ${argument}.`)
    if (found.isDirectory()) {
      await walkFolder({ root: absolute, realRoot: await realpath(absolute), folder: '', files, leftOut })
    } else if (found.isFile()) {
      add({ name: basename(absolute), absolutePath: absolute, sizeBytes: found.size, files, leftOut })
    } else {
      leftOut.push({ path: argument, reason: 'It is neither a file nor a folder.' })
    }
  }
  return { files: withoutCollisions(files), leftOut }
}

interface FolderWalk {
  readonly root: string
  readonly realRoot: string
  /** Relative to the root, with forward slashes; empty for the root itself. */
  readonly folder: string
  readonly files: FoundFile[]
  readonly leftOut: LeftOut[]
}

const walkFolder = async (walked: FolderWalk): Promise<void> => {
  const { root, folder, files, leftOut } = walked
  let entries: Dirent[]
  try {
    entries = await readdir(join(root, folder), { withFileTypes: true })
  } catch {
    leftOut.push({ path: `${folder}/`, reason: 'The folder cannot be read.' })
    return
  }
  for (const entry of entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.name.startsWith('.')) continue
    const name = folder === '' ? entry.name : `${folder}/${entry.name}`
    const absolutePath = join(root, name)
    if (entry.isDirectory()) {
      await walkFolder({ ...walked, folder: name })
      continue
    }
    if (entry.isSymbolicLink() && !(await leadsInside(absolutePath, walked.realRoot))) {
      leftOut.push({ path: name, reason: 'It is a link that leads out of the folder.' })
      continue
    }
    const found = await statOrNull(absolutePath)
    if (found === null) leftOut.push({ path: name, reason: 'It cannot be read.' })
    // A linked folder inside the root is walked under its own name; sockets and pipes hold no document.
    else if (found.isFile()) add({ name, absolutePath, sizeBytes: found.size, files, leftOut })
  }
}

const leadsInside = async (link: string, realRoot: string): Promise<boolean> => {
  try {
    return (await realpath(link)).startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep)
  } catch {
    return false
  }
}

const add = (found: {
  name: string
  absolutePath: string
  sizeBytes: number
  files: FoundFile[]
  leftOut: LeftOut[]
}): void => {
  const path = sourcePath.safeParse(found.name)
  if (!path.success) {
    found.leftOut.push({
      path: found.name,
      reason: 'Its name has control characters or is longer than 1,000 characters.',
    })
    return
  }
  found.files.push({ path: path.data, absolutePath: found.absolutePath, sizeBytes: found.sizeBytes })
}

/** The same file twice is sent once; two files of one name would overwrite each other, in whichever order they arrive. */
const withoutCollisions = (files: readonly FoundFile[]): readonly FoundFile[] => {
  const byPath = new Map<string, FoundFile>()
  for (const file of files) {
    const { path, absolutePath } = file
    const other = byPath.get(path)?.absolutePath
    if (other !== undefined && other !== absolutePath) {
      throw new CommandFailure(
        `${other} and ${absolutePath} would both be named ${path}. Ingest the folder above them, or use two collections.`,
      )
    }
    byPath.set(path, file)
  }
  return [...byPath.values()]
}

const statOrNull = async (path: string) => {
  try {
    return await stat(path)
  } catch {
    return null
  }
}
