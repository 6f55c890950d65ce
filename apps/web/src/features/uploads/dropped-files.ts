/** A file with the path that it had inside what was dropped or picked, with forward slashes. */
export interface PathedFile {
  readonly file: File
  readonly path: string
}

/** Files that systems leave in folders; nobody means them. */
const isLitter = (path: string): boolean =>
  path
    .split('/')
    .some((name) => name.startsWith('.') || name === 'Thumbs.db' || name === 'desktop.ini' || name === '__MACOSX')

/** Files of an `<input type="file">`; a folder picker gives each its path inside the folder. */
export const pickedFiles = (files: FileList): PathedFile[] =>
  [...files]
    .map((file) => ({ file, path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath }))
    .filter(({ path }) => !isLitter(path))

const readEntries = (reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> =>
  new Promise((resolve, reject) => reader.readEntries(resolve, reject))

const allEntries = async (folder: FileSystemDirectoryEntry): Promise<FileSystemEntry[]> => {
  const reader = folder.createReader()
  const found: FileSystemEntry[] = []
  // Browsers give at most 100 entries a call, and an empty list at the end.
  for (let batch = await readEntries(reader); batch.length > 0; batch = await readEntries(reader)) found.push(...batch)
  return found
}

const isFile = (entry: FileSystemEntry): entry is FileSystemFileEntry => entry.isFile
const isFolder = (entry: FileSystemEntry): entry is FileSystemDirectoryEntry => entry.isDirectory

const filesOf = async (entry: FileSystemEntry): Promise<PathedFile[]> => {
  const path = entry.fullPath.replace(/^\//, '')
  if (isLitter(path)) return []
  if (isFile(entry)) {
    const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
    return [{ file, path }]
  }
  if (!isFolder(entry)) return []
  const children = await allEntries(entry)
  return (await Promise.all(children.map(filesOf))).flat()
}

/** All files of a drop, folders included. Entries must be taken before the first await, or the browser drops them. */
export const droppedFiles = async (transfer: DataTransfer): Promise<PathedFile[]> => {
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null)
  if (entries.length === 0) return pickedFiles(transfer.files)
  return (await Promise.all(entries.map(filesOf))).flat()
}
