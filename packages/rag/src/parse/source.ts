import { readFile } from 'node:fs/promises'

/** A file by its path, or the bytes of one that stood inside of another: the process that reads may not write any. */
export type Source = string | Uint8Array

export const bytesOf = async (source: Source): Promise<Uint8Array> =>
  typeof source === 'string' ? await readFile(source) : source
